"""Another instance continues the runs of lost instances: nothing is done or published twice.

The lost instances of these tests fall silent and their leases are over, which is what a dead
process looks like. ``test_kill.py`` kills real ones.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update

from netra_backend.app.db.tables import run_steps, runs
from netra_backend.tests.unit.runs.lost_instances import LOST, Script, die, lose, texts
from netra_backend.tests.unit.runs.verifier import verified
from netra_backend.tests.unit.runs.world import QUICK, GatedModel, World, until, user
from netra_shared.errors import RunBusy


async def test_a_survivor_finishes_the_answer_and_repeats_no_completed_step(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    first, second = Script(("It means ", "never said")), Script(("It means ", "busy."))
    second.allow(2)
    await lose(world, alice, thread_id, first)
    async with world.serving(second.model()):
        raw = await world.watchers.ended(thread_id)
        await world.free(thread_id)
    events = verified(raw)
    assert (first.asked, second.asked) == (["call", "answer"], ["answer"])
    assert texts(events) == "Let me look. It means busy."
    kinds = [event["type"] for event in events]
    assert [
        kinds.count(kind) for kind in ("RUN_STARTED", "TOOL_CALL_START", "TOOL_CALL_RESULT")
    ] == [
        1,
        1,
        1,
    ]
    stored = await world.stored(alice, thread_id)
    assert [message["role"] for message in stored] == ["user", "assistant", "tool", "assistant"]
    assert stored[-1]["content"] == "It means busy."
    assert (await world.run_of(alice, thread_id)).status == "completed"
    async with world.engine.connect() as connection:
        assert (await connection.execute(select(run_steps))).all() == []  # it served its purpose


async def test_what_the_model_does_not_repeat_is_void_and_sent_again(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    first, second = Script(("It means ", "x")), Script(("It says ", "busy."))
    second.allow(2)
    await lose(world, alice, thread_id, first)
    async with world.serving(second.model()):
        events = verified(await world.watchers.ended(thread_id))
        await world.free(thread_id)
    (restart,) = [event["value"] for event in events if event["type"] == "CUSTOM"]
    ((void, sent_again),) = restart["messages"].items()
    assert restart["attempt"] == 2
    said = {
        name: "".join(e["delta"] for e in events if e.get("messageId") == name and "delta" in e)
        for name in (void, sent_again)
    }
    assert said == {void: "It means ", sent_again: "It says busy."}
    stored = await world.stored(alice, thread_id)
    assert [message["id"] for message in stored[-1:]] == [sent_again]
    assert void not in {message["id"] for message in stored}


async def test_a_run_is_lost_twice_and_still_finished_once(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    first, second = Script(("It means ", "x")), Script(("It says ", "x"))
    await lose(world, alice, thread_id, first)
    lost_too = world.instance(second.model(), LOST)
    assert await lost_too.runs._recovery.sweep() == 1
    second.allow(1)
    await world.said(thread_id, "It says")
    await die(world, lost_too, (await world.run_of(alice, thread_id)).id)
    third = Script(("It says ", "busy."))
    third.allow(2)
    async with world.serving(third.model()):
        events = verified(await world.watchers.ended(thread_id))
        await world.free(thread_id)
    assert len([event for event in events if event["type"] == "CUSTOM"]) == 1
    assert (await world.stored(alice, thread_id))[-1]["content"] == "It says busy."
    assert (await world.run_of(alice, thread_id)).status == "completed"


async def test_a_run_that_kills_its_instances_is_ended(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    script = Script(("one ", "x"))
    await lose(world, alice, thread_id, script)
    async with world.engine.begin() as connection:
        await connection.execute(text("UPDATE netra.runs SET losses = 2"))
    async with world.serving():
        events = verified(await world.watchers.ended(thread_id))
        await world.free(thread_id)
    assert events[-1]["code"] == "run_lost"
    assert events[-2]["type"] == "TEXT_MESSAGE_END"
    assert (await world.stored(alice, thread_id))[-1]["content"] == "one "


async def test_a_run_that_was_cancelled_on_a_dead_instance_ends_as_cancelled(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    await lose(world, alice, thread_id, Script(("one ", "x")))
    survivor = world.instance(Script(("one ", "two")).model())
    run = await world.run_of(alice, thread_id)
    assert await survivor.runs.cancel(user=alice, run_id=run.id) == "cancelling"
    await survivor.runs.start_serving()
    events = verified(await world.watchers.ended(thread_id))
    await world.free(thread_id)
    await survivor.runs.stop()
    assert events[-1]["outcome"] == {"type": "cancelled"}
    assert (await world.stored(alice, thread_id))[-1]["content"] == "one "


async def test_a_starting_instance_leaves_the_living_ones_alone(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    script = Script(("one ", "two"))
    living = world.instance(script.model(), instance_id="twin")
    await living.runs.start_serving()
    await living.say(alice, thread_id, "hello")
    script.allow(1)
    await world.said(thread_id, "one ")
    # The same instance id, as an environment may give it to two processes.
    twin = world.instance(instance_id="twin")
    await twin.runs.start_serving()
    assert await twin.runs._recovery.sweep() == 0
    await twin.runs.stop()
    script.allow(1)
    events = verified(await world.watchers.ended(thread_id))
    await world.free(thread_id)
    await living.runs.stop()
    assert script.asked == ["call", "answer"]
    assert texts(events) == "Let me look. one two"


async def test_a_drained_instance_transfers_its_runs_immediately(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    first, second = Script(("one ", "x")), Script(("one ", "two"))
    second.allow(2)
    async with world.serving(second.model()):
        old = world.instance(first.model())
        await old.runs.start_serving()
        await old.say(alice, thread_id, "hello")
        first.allow(1)
        await world.said(thread_id, "one ")
        await old.runs.stop()
        # Waits half as long as the lease: it was transferred, it did not run out.
        raw = await world.watchers.ended(thread_id)
        await world.free(thread_id)
    assert texts(verified(raw)) == "Let me look. one two"
    async with world.engine.connect() as connection:
        assert (await connection.scalar(select(runs.c.losses))) == 0


async def test_a_run_outlives_the_only_instance(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    first, second = Script(("one ", "x")), Script(("one ", "two"))
    second.allow(2)
    async with world.serving(first.model()) as old:
        await old.say(alice, thread_id, "hello")
        first.allow(1)
        await world.said(thread_id, "one ")
    assert world.watchers.terminals[thread_id] == 0
    async with world.serving(second.model()):
        assert texts(verified(await world.watchers.ended(thread_id))) == "Let me look. one two"
        await world.free(thread_id)


@pytest.mark.parametrize("number", [0, 99])
async def test_a_run_in_an_unknown_form_is_ended_and_not_played_wrongly(
    world: World, number: int
) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    await lose(world, alice, thread_id, Script(("one ", "x")))
    async with world.engine.begin() as connection:
        await connection.execute(update(runs).values(format=number))
    patient = world.instance(policy=replace(QUICK, foreign_format_seconds=30.0))
    # A newer version's run is left for the newer version, an older one's has no successor.
    assert (await patient.runs._recovery.sweep() == 0) is (number == 99)
    if number == 99:
        async with world.serving(policy=replace(QUICK, foreign_format_seconds=0.1)):
            await world.watchers.ended(thread_id)
    events = verified(await world.watchers.ended(thread_id))
    await world.free(thread_id)
    assert events[-1]["code"] == "run_lost"


async def test_a_stream_store_that_lost_everything_gets_everything(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    await lose(world, alice, thread_id, Script(("one ", "x")))
    world.watchers.events.clear()
    world.watchers.of_run.clear()
    second = Script(("uno ", "dos"))
    second.allow(2)
    async with world.serving(second.model()):
        events = verified(await world.watchers.ended(thread_id))
        await world.free(thread_id)
    assert texts(events) == "Let me look. uno dos"
    assert second.asked == ["answer"]


async def test_a_run_whose_stream_is_lost_is_published_from_its_start(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    await lose(world, alice, thread_id, Script(("one ", "x")))
    (run_id,) = world.watchers.of_run
    world.watchers.lost.add(run_id)
    second = Script(("one ", "two"))
    second.allow(2)
    async with world.serving(second.model()):
        await world.watchers.ended(thread_id)
        await world.free(thread_id)
    assert world.watchers.restarted == [thread_id]
    events = verified(world.watchers.of_run[run_id])
    assert [event["type"] for event in events].count("RUN_STARTED") == 1
    assert texts(events) == "Let me look. one two"


async def test_a_stream_that_cannot_be_read_ends_while_the_answer_is_stored(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    await lose(world, alice, thread_id, Script(("one ", "x")))
    world.watchers.unreadable = True
    second = Script(("uno ", "dos"))
    second.allow(2)
    async with world.serving(second.model(), replace(QUICK, published_seconds=0.3)):
        events = verified(await world.watchers.ended(thread_id))
        await world.free(thread_id)
    assert events[-1]["code"] == "stream_lost"
    assert (await world.stored(alice, thread_id))[-1]["content"] == "uno dos"


async def test_the_end_that_a_dead_instance_had_published_is_not_published_again(
    world: World,
) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    async with world.serving() as instance:
        await instance.say(alice, thread_id, "hello")
        await world.watchers.ended(thread_id)
        await world.free(thread_id)
    async with world.engine.begin() as connection:
        await connection.execute(
            text("UPDATE netra.runs SET released_at = NULL, lease_expires_at = now()")
        )
    async with world.serving():
        await world.free(thread_id)
    assert world.watchers.terminals[thread_id] == 1


async def test_a_command_that_was_answered_by_a_lost_instance_runs_once(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    command = {"command_id": uuid4(), "message_id": uuid4()}
    first, second = Script(("one ", "x")), Script(("one ", "two"))
    second.allow(2)
    lost = world.instance(first.model(), LOST)
    answer = await lost.say(alice, thread_id, "hello", **command)
    first.allow(1)
    await world.said(thread_id, "one ")
    await die(world, lost, answer.run_id)
    async with world.serving(second.model()) as other:
        assert await other.say(alice, thread_id, "hello", **command) == answer
        await world.watchers.ended(thread_id)
        await world.free(thread_id)
        assert await other.say(alice, thread_id, "hello", **command) == answer
    page = await world.threads.list_runs(user_id=alice.sub, thread_id=thread_id, limit=5)
    assert len(page.items) == 1


async def test_a_new_message_meets_the_resumed_run_not_a_free_thread(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    await lose(world, alice, thread_id, Script(("one ", "x")))
    second = Script(("one ", "two"))
    alive = world.instance(second.model())
    with pytest.raises(RunBusy):
        await alive.say(alice, thread_id, "anybody there?")
    second.allow(2)
    await world.watchers.ended(thread_id)
    await alive.say(alice, thread_id, "and now?", on_busy="interrupt")
    second.allow(2)
    await world.watchers.ended(thread_id, runs=2)
    await world.free(thread_id)
    await alive.runs.stop()


async def test_a_new_message_may_interrupt_a_run_whose_instance_died(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    await lose(world, alice, thread_id, Script(("one ", "x")))
    second = Script(("uno",))
    alive = world.instance(second.model())
    await alive.say(alice, thread_id, "forget it", on_busy="interrupt")
    second.allow(1)
    events = verified(await world.watchers.ended(thread_id, runs=2))
    await world.free(thread_id)
    await alive.runs.stop()
    endings = [event["outcome"]["type"] for event in events if event["type"] == "RUN_FINISHED"]
    assert endings == ["cancelled", "success"]


async def test_a_token_that_was_lost_with_its_instance_is_asked_for_again(world: World) -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJlbHNld2hlcmUifQ.c2lnbmF0dXJl"
    alice = user()
    thread_id = await world.thread(alice)
    lost = world.instance(GatedModel("never").model(), LOST)
    run = await lost.say(alice, thread_id, f"is {token} good?")
    await world.watchers.until(lambda: bool(world.watchers.events[thread_id]))
    await die(world, lost, run.run_id)
    async with world.serving():
        await world.watchers.ended(thread_id)
        await world.free(thread_id)
    assert "send the token again" in (await world.stored(alice, thread_id))[-1]["content"]


async def test_a_long_answer_is_sent_again_in_pieces_that_a_stream_takes(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    first, second = Script(("word " * 5_000, "x")), Script(("word " * 5_000 + "end",))
    second.allow(2)
    await lose(world, alice, thread_id, first)
    world.watchers.events.clear()
    world.watchers.of_run.clear()
    async with world.serving(second.model()):
        raw = await world.watchers.ended(thread_id)
        await world.free(thread_id)
    assert texts(verified(raw)).endswith("word end")
    assert max(map(len, raw)) < 20_000


async def _count(world: World, condition: Callable[[Any], bool]) -> int:
    async with world.engine.connect() as connection:
        return sum(map(condition, (await connection.execute(select(run_steps))).all()))


async def test_a_frozen_process_can_no_longer_write_the_journal(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    gated = GatedModel("one ", "two")
    frozen = world.instance(gated.model(), replace(QUICK, lease_seconds=2.0))
    run = await frozen.say(alice, thread_id, "hello")
    gated.allow(1)
    await world.said(thread_id, "one ")
    await until(lambda: world.lease_is_over(thread_id))
    survivor = world.instance(GatedModel("one ", "never").model(), QUICK)
    assert await survivor.runs._recovery.sweep() == 1
    journal = frozen.runs._tasks._journal
    assert await journal.write(run.run_id, 1, "model:1", json.dumps("late")) is False
    assert await _count(world, lambda _row: True) == 0
    gated.allow(1)
    await until(lambda: frozen.runs.active_count == 0)
    await survivor.runs.cancel(user=alice, run_id=run.run_id)
    await world.watchers.ended(thread_id)
    await survivor.runs.stop()
