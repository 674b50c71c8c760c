"""A long thread is summarised once, by the model, and the next runs use the stored summary."""

from dataclasses import replace

from sqlalchemy import select

from netra_backend.app.agents.compaction import COMPACTED, HISTORY_TRIMMED
from netra_backend.app.agents.model_choice import choose_model
from netra_backend.app.db.tables import summaries
from netra_backend.app.db.transaction import transaction
from netra_backend.tests.unit.agents.openai_server import openai_server, says
from netra_backend.tests.unit.agents.raw_server import DONE, Refused, chunk, raw_server
from netra_backend.tests.unit.runs.verifier import verified
from netra_backend.tests.unit.runs.world import QUICK, World, user

SMALL = replace(QUICK, history_characters=400)
LONG = (
    "Remember the number forty-two. " * 4
)  # cut below a quarter of the history, or it is shortened


async def test_a_summary_replaces_the_earlier_messages_and_is_used_again(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    async with (
        openai_server(
            says("One."),
            says("Two."),
            says("Three."),
            says("Four."),
            says("Five."),
            says("The number is 42."),
            says("Six."),
            says("Seven."),
        ) as server,
        world.serving(choose_model("m", base_url=server.base_url), SMALL) as instance,
    ):
        for number in range(7):
            await instance.say(alice, thread_id, f"{number}: {LONG}"[:90])
            await world.watchers.ended(thread_id, runs=number + 1)
            await world.free(thread_id)
    async with transaction(world.engine) as connection:
        stored = (await connection.execute(select(summaries))).mappings().all()
    assert [row["content"] for row in stored] == ["The number is 42."]
    summarised = [r for r in server.requests if "<conversation>" in str(r["messages"])]
    assert len(summarised) == 1
    for request in server.requests[6:]:
        first = request["messages"][1]
        assert first["role"] == "user"
        assert "The number is 42." in first["content"]
    events = verified(world.watchers.events[thread_id])
    assert [event["name"] for event in events if event["type"] == "CUSTOM"] == [COMPACTED]


async def test_a_model_that_cannot_summarise_still_answers(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    answer = chunk({"content": "Done."}) + chunk(finish="stop") + DONE
    refused = Refused(400, {"error": {"message": "no"}})
    async with (
        raw_server(answer, answer, answer, answer, refused, answer) as server,
        world.serving(choose_model("m", base_url=server.base_url), SMALL) as instance,
    ):
        for number in range(5):
            await instance.say(alice, thread_id, f"{number}: {LONG}"[:99])
            await world.watchers.ended(thread_id, runs=number + 1)
            await world.free(thread_id)
    events = verified(world.watchers.events[thread_id])
    trimmed = [event["value"] for event in events if event.get("name") == HISTORY_TRIMMED]
    assert trimmed
    assert trimmed[0]["omitted"] > 0
    assert (await world.stored(alice, thread_id))[-1]["content"] == "Done."
