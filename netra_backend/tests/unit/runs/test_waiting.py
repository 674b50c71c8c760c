"""A wait for the model's service is an event of the run, and the run can be stopped in it."""

from typing import Any

from netra_backend.app.agents.model_choice import choose_model
from netra_backend.app.runs.waiting import WAITING
from netra_backend.tests.unit.agents.raw_server import DONE, Refused, chunk, raw_server
from netra_backend.tests.unit.runs.verifier import verified
from netra_backend.tests.unit.runs.world import World, user

ANSWER = chunk({"content": "Done."}) + chunk(finish="stop") + DONE
BUSY: dict[str, Any] = {"error": {"message": "slow down", "type": "rate_limit"}}


async def test_a_wait_that_the_service_asks_for_is_an_event_of_the_run(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    refused = Refused(429, BUSY, {"retry-after": "1"})
    async with (
        raw_server(refused, ANSWER) as server,
        world.serving(choose_model("m", base_url=server.base_url)) as instance,
    ):
        await instance.say(alice, thread_id, "hello")
        events = verified(await world.watchers.ended(thread_id))
        await world.free(thread_id)
    (notice,) = [event for event in events if event.get("name") == WAITING]
    assert notice["value"]["reason"] == "rate_limited"
    assert notice["value"]["until"] == notice["timestamp"] + 1000
    assert events.index(notice) == 1
    assert (await world.stored(alice, thread_id))[-1]["content"] == "Done."


async def test_a_run_that_waits_can_be_stopped(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    async with (
        raw_server(Refused(429, BUSY, {"retry-after": "100"})) as server,
        world.serving(choose_model("m", base_url=server.base_url)) as instance,
    ):
        started = await instance.say(alice, thread_id, "hello")
        await world.watchers.until(
            lambda: WAITING.encode() in b"".join(world.watchers.events[thread_id])
        )
        await instance.runs.cancel(user=alice, run_id=started.run_id)
        events = verified(await world.watchers.ended(thread_id))
        await world.free(thread_id)
    assert events[-1]["outcome"] == {"type": "cancelled"}
