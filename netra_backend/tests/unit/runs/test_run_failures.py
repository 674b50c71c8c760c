"""What happens to runs when instances die, leases are lost, and stores do not answer."""

from dataclasses import replace

from sqlalchemy import text

from netra_backend.tests.unit.runs.verifier import verified
from netra_backend.tests.unit.runs.world import QUICK, GatedModel, World, until, user


async def test_an_instance_that_lost_its_lease_says_nothing_more(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    gated = GatedModel("one ", "two")
    async with world.serving(gated.model()) as instance:
        await instance.say(alice, thread_id, "hello")
        gated.allow(1)
        await world.said(thread_id, "one ")
        await _fence(world)
        await until(lambda: instance.runs.active_count == 0)  # the next heartbeat
        gated.allow(1)
    assert world.watchers.terminals[thread_id] == 0
    assert [message["role"] for message in await world.stored(alice, thread_id)] == ["user"]


async def test_a_process_that_was_frozen_says_nothing_when_it_wakes_up(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    gated = GatedModel("one ", "two")
    frozen = world.instance(gated.model(), replace(QUICK, lease_seconds=2.0))  # never renews
    await frozen.say(alice, thread_id, "hello")
    gated.allow(1)
    await world.said(thread_id, "one ")
    other = GatedModel("one ", "three")
    other.allow(2)
    async with world.serving(other.model()):
        await world.watchers.ended(thread_id)
        gated.allow(1)
        await until(lambda: frozen.runs.active_count == 0)
    events = verified(world.watchers.events[thread_id])
    assert "".join(event.get("delta", "") for event in events) == "one three"


async def test_a_stream_with_a_hole_is_ended_and_the_answer_is_stored_all_the_same(
    world: World,
) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    gated = GatedModel("one ", "two ", "three")
    failed = False

    def break_once(event: bytes) -> bool:
        nonlocal failed
        breaks = b"two " in event and not failed
        failed |= breaks
        return breaks

    world.watchers.broken = break_once
    async with world.serving(gated.model()) as instance:
        await instance.say(alice, thread_id, "hello")
        gated.allow(3)
        events = verified(await world.watchers.ended(thread_id))
        await world.free(thread_id)
    assert not any("three" in str(event) for event in events)
    assert events[-1]["code"] == "stream_lost"
    assert (await world.run_of(alice, thread_id)).status == "completed"
    assert (await world.stored(alice, thread_id))[-1]["content"] == "one two three"


async def test_a_dead_stream_store_does_not_lock_the_thread(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    world.watchers.broken = lambda _event: True
    async with world.serving() as instance:
        await instance.say(alice, thread_id, "hello")
        await world.free(thread_id)
    assert (await world.run_of(alice, thread_id)).status == "completed"
    assert len(await world.stored(alice, thread_id)) > 1


async def test_an_answer_outlives_the_database_sessions(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    gated = GatedModel("one ", "two")
    async with world.serving(gated.model()) as instance:
        await instance.say(alice, thread_id, "hello")
        gated.allow(1)
        await world.said(thread_id, "one ")
        async with world.engine.connect() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        gated.allow(1)
        events = verified(await world.watchers.ended(thread_id))
        await world.free(thread_id)
    assert events[-1]["type"] == "RUN_FINISHED"
    assert (await world.stored(alice, thread_id))[-1]["content"] == "one two"


async def test_the_end_that_a_dead_instance_had_only_stored_is_published(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    async with world.serving(GatedModel("never said").model()) as instance:
        run = await instance.say(alice, thread_id, "hello")
        async with world.engine.begin() as connection:
            await connection.execute(
                text(
                    "UPDATE netra.runs SET status = 'completed', instance_id = 'gone',"
                    " lease_expires_at = now(), terminal_event ="
                    ' \'{"type": "RUN_FINISHED", "threadId": "t", "runId": "r"}\''
                )
            )
        await world.watchers.ended(thread_id)
        await world.free(thread_id)
        assert b"RUN_FINISHED" in world.watchers.of_run[run.run_id][-1]
        assert (await world.run_of(alice, thread_id)).status == "completed"


async def _fence(world: World) -> None:
    """Do what a survivor does when it takes over: the rows get another owner."""
    async with world.engine.begin() as connection:
        await connection.execute(
            text("UPDATE netra.runs SET instance_id = 'survivor' WHERE released_at IS NULL")
        )
