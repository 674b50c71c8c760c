"""What happens to runs when instances die, leases are lost, and stores do not answer."""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from uuid import UUID

from sqlalchemy import text

from netra_backend.tests.unit.agents.verifier import verified
from netra_backend.tests.unit.agents.world import QUICK, GatedModel, World, until, user

CHILD = """
import asyncio, sys
from netra_backend.tests.unit.agents.world import GatedModel, user, world_on

async def main(url):
    who = user()
    async with world_on(url) as world:
        thread_id = await world.thread(who)
        gated = GatedModel("one ", "never said")
        async with world.serving(gated.model()) as instance:
            run = await instance.say(who, thread_id, "hello")
            gated.allow(1)
            await world.said(thread_id, "one ")
            print(who.sub, thread_id, run.run_id, flush=True)
            await asyncio.Event().wait()

asyncio.run(main(sys.argv[1]))
"""


async def test_a_survivor_ends_the_runs_of_an_instance_that_was_killed(
    migrated_postgres_url: str, world: World
) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, migrated_postgres_url, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert child.stdout is not None
        while len(words := (await asyncio.wait_for(child.stdout.readline(), 30)).split()) != 3:
            assert words, "the child ended before its run began"
        owner, thread, _run = (word.decode() for word in words)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        await child.wait()
    who, thread_id = replace(user(), sub=UUID(owner)), UUID(thread)
    async with world.serving():
        events = verified(await world.watchers.ended(thread_id))
        await world.free(thread_id)
        assert [(event["type"], event["code"]) for event in events] == [("RUN_ERROR", "run_lost")]
        assert (await world.run_of(who, thread_id)).status == "failed"


async def test_a_new_message_does_not_wait_for_the_sweep_after_a_death(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    gated = GatedModel("one ", "never said")
    # It never serves, so its lease is not renewed and runs out, there and here.
    dead = world.instance(gated.model(), replace(QUICK, lease_seconds=0.7))
    await dead.say(alice, thread_id, "hello")
    gated.allow(1)
    await world.said(thread_id, "one ")
    await until(lambda: world.lease_is_over(thread_id))
    alive = world.instance()
    await alive.say(alice, thread_id, "anybody there?")
    events = verified(await world.watchers.ended(thread_id, runs=2))
    await world.free(thread_id)
    kinds = [event["type"] for event in events]
    assert kinds.index("RUN_ERROR") < len(kinds) - 1
    assert kinds[-1] == "RUN_FINISHED"
    await alive.runs.stop()
    await _fence(world)
    await dead.runs.stop()


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
    frozen = world.instance(gated.model(), replace(QUICK, lease_seconds=0.9))  # never renews
    await frozen.say(alice, thread_id, "hello")
    gated.allow(1)
    await world.said(thread_id, "one ")
    async with world.serving():
        await world.watchers.ended(thread_id)
        gated.allow(1)
        await until(lambda: frozen.runs.active_count == 0)
    events = verified(world.watchers.events[thread_id])
    assert (events[-1]["type"], events[-1]["code"]) == ("RUN_ERROR", "run_lost")


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


async def test_what_an_earlier_life_left_behind_is_ended_at_the_next_start(world: World) -> None:
    alice = user()
    thread_id = await world.thread(alice)
    async with world.serving(GatedModel("never said").model()) as instance:
        await instance.say(alice, thread_id, "hello")
        async with world.engine.begin() as connection:
            # The finished run of an instance that died before it published the end.
            await connection.execute(
                text(
                    "UPDATE netra.runs SET status = 'completed', instance_id = 'gone',"
                    " lease_expires_at = now(), terminal_event ="
                    ' \'{"type": "RUN_FINISHED", "threadId": "t", "runId": "r"}\''
                )
            )
        async with world.serving(policy=QUICK):
            await world.watchers.ended(thread_id)
            await world.free(thread_id)
        assert b"RUN_FINISHED" in world.watchers.events[thread_id][-1]
        assert (await world.run_of(alice, thread_id)).status == "completed"


async def _fence(world: World) -> None:
    """Do what a survivor does when it takes over: the rows get another owner."""
    async with world.engine.begin() as connection:
        await connection.execute(
            text("UPDATE netra.runs SET instance_id = 'survivor' WHERE released_at IS NULL")
        )
