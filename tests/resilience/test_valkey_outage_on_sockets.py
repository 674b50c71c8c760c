"""Valkey refuses, hangs, crawls, or comes back empty: sockets live on, and all is right again."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from netra_client.states import Connected, ConnectionState
from netra_shared.runtime.task_end import end_task
from test_framework.faults.processes import frozen, kill
from test_framework.platform.model_server import answer_of
from test_framework.platform.people import Person
from test_framework.stolen_time import watching
from test_framework.waiting import eventually
from tests.resilience.socket_fleet import QUICK, SocketFleet, on
from tests.resilience.transcript import Transcript

pytestmark = pytest.mark.mission_critical

WORDS = 120
PACE = 0.05
NEW_SOCKET_SECONDS = 6.0  # a revocation look-up gives up after 2 s, a live subscription likewise


@asynccontextmanager
async def emptied(fleet: SocketFleet) -> AsyncIterator[None]:
    """Killed; it comes back with nothing."""
    await kill(fleet.valkey)
    try:
        yield
    finally:
        await fleet.valkey.start()


@asynccontextmanager
async def hanging(fleet: SocketFleet) -> AsyncIterator[None]:
    """Frozen: it accepts and says nothing."""
    with frozen(fleet.valkey.pid):
        yield


@asynccontextmanager
async def crawling(fleet: SocketFleet) -> AsyncIterator[None]:
    """Every command takes up to 0.4 s."""

    async def pause_again_and_again() -> None:
        async with Redis.from_url(fleet.valkey.url) as valkey:
            while True:
                await valkey.client_pause(400, all=True)
                await asyncio.sleep(0.01)

    task = asyncio.create_task(pause_again_and_again())
    try:
        yield
    finally:
        assert await end_task(task), "Valkey is still paused"


Fault = Callable[[SocketFleet], AbstractAsyncContextManager[None]]


@pytest.mark.parametrize("fault", [emptied, hanging, crawling])
async def test_sockets_outlive_the_store(fleet: SocketFleet, member: Person, fault: Fault) -> None:
    one, other = fleet.instances[:2]
    connections: list[str] = []

    def note(state: ConnectionState) -> None:
        if isinstance(state, Connected):
            connections.append(state.connection_id)

    options = replace(QUICK, on_state=note)
    async with on(one, member, options) as here, on(other, member, options) as there:
        thread_id = (await here.threads.create()).id
        transcript = await Transcript.of(here, thread_id)
        elsewhere = await Transcript.of(there, thread_id)
        running = here.run(thread_id, f"words={WORDS} pace={PACE}")
        answer = asyncio.create_task(running.answer())
        await eventually(lambda: len(elsewhere.events) > 10, within=20)

        async with fault(fleet):
            before = len(transcript.events)
            started = time.monotonic()
            async with watching(*fleet.pids) as stolen, on(one, member) as late:
                await late.ping()
                # integrity: allow no-wall-clock: new sockets are accepted within the named deadline
                assert stolen.fair_since(started) < NEW_SOCKET_SECONDS
                other_thread = (await late.threads.create()).id
                assert await late.run(other_thread, "words=5").answer() == answer_of(5)
                asked = time.monotonic()
                await there.ping()
                # integrity: allow no-wall-clock: the same for a command on a socket that was open
                assert stolen.fair_since(asked) < NEW_SOCKET_SECONDS
            await eventually(lambda: len(transcript.events) > before + 10, within=20)
            if fault is not crawling:

                async def degraded() -> bool:
                    return await fleet.status_of(one) == (200, "warn")

                await eventually(degraded, within=30)

        assert await asyncio.wait_for(answer, WORDS * PACE + 20) == answer_of(WORDS)

        async def sound() -> bool:
            return await fleet.status_of(one) == (200, "pass")

        await eventually(sound, within=40)
        # What happened meanwhile reaches the other instance, and the next run does immediately.
        assert await there.run(thread_id, "words=4").answer() == answer_of(4)
        await eventually(lambda: transcript.types().count("RUN_FINISHED") == 2, within=20)
        await eventually(lambda: elsewhere.types().count("RUN_FINISHED") == 2, within=20)
        assert [event for _, event in elsewhere.events] == [event for _, event in transcript.events]
        assert (transcript.resets, elsewhere.resets) == (0, 0)
        assert len(connections) == 2, "no socket was lost"
        await transcript.close()
        await elsewhere.close()
