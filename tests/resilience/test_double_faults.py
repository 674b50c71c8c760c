"""Two faults at a time: the agent process dies while the stream store loses everything."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import UUID

import psutil
import pytest
from redis.asyncio import Redis

from netra_client import NetraClient, StreamReset, ThreadEvent, ThreadStream
from netra_ops.services.http_server import HttpServer
from test_framework.faults.processes import frozen, kill
from test_framework.platform.model_server import answer_of
from test_framework.platform.people import Person
from test_framework.waiting import eventually
from tests.resilience.agent_instance import agents_of
from tests.resilience.socket_fleet import QUICK, SocketFleet, on

pytestmark = pytest.mark.mission_critical

WORDS = 80
PACE = 0.05
END_SECONDS = 60.0


class Screen:
    """What a client of a thread shows of one run; see docs/protocol.md, "Resuming".

    Attributes:
        text: of the answer.
        ended: whether the run is over for the client.
        must_load: whether it was asked to load the history for the answer.
        faults: events that no client can show.
    """

    def __init__(self, stream: ThreadStream) -> None:
        self.text = ""
        self.ended = self.must_load = False
        self.faults: list[str] = []
        self._started = False
        self._stream = stream
        self._task = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Stop to follow."""
        await self._stream.aclose()
        await self._task

    async def _follow(self) -> None:
        async for item in self._stream:
            if isinstance(item, StreamReset):
                self._reload(item)
            elif isinstance(item, ThreadEvent):
                self._show(item)

    def _reload(self, reset: StreamReset) -> None:
        # Of an active run every event follows again; a run that has ended is in the history.
        self._started = False
        self.ended = reset.active_run_id is None
        answers = [message.text for message in reset.messages if message.role == "assistant"]
        self.text = "".join(answers) if self.ended else ""

    def _show(self, item: ThreadEvent) -> None:
        if item.type == "RUN_STARTED":
            if self._started:
                self.faults.append(f"a second RUN_STARTED at {item.position}")
            self._started = True
        elif item.type == "TEXT_MESSAGE_CONTENT":
            if not self._started:
                self.faults.append(f"text before RUN_STARTED at {item.position}")
            self.text += str(item.event["delta"])
        elif item.type in {"RUN_FINISHED", "RUN_ERROR"}:
            self.ended = True
            self.must_load = item.event.get("code") == "stream_lost"


@asynccontextmanager
async def _restart(fleet: SocketFleet) -> AsyncIterator[None]:
    """Valkey is killed and comes back empty, immediately after the agents died."""
    yield
    await kill(fleet.valkey)
    await fleet.valkey.start()


@asynccontextmanager
async def _short_freeze(fleet: SocketFleet) -> AsyncIterator[None]:
    """The next attempt starts when Valkey is back, and empty."""
    with frozen(fleet.valkey.pid):
        yield
        await asyncio.sleep(1.5)
    await kill(fleet.valkey)
    await fleet.valkey.start()


@asynccontextmanager
async def _long_freeze(fleet: SocketFleet) -> AsyncIterator[None]:
    """The next attempt cannot read what was published."""
    with frozen(fleet.valkey.pid):
        yield
        await asyncio.sleep(5.0)
    await kill(fleet.valkey)
    await fleet.valkey.start()


@asynccontextmanager
async def _emptied_first(fleet: SocketFleet) -> AsyncIterator[None]:
    """No connection is lost; only the data are."""
    async with Redis.from_url(fleet.valkey.url) as valkey:
        await valkey.flushall()
    yield


@asynccontextmanager
async def _emptied_later(fleet: SocketFleet) -> AsyncIterator[None]:
    """The data are lost while the next attempt is being prepared."""
    yield
    await asyncio.sleep(1.0)
    async with Redis.from_url(fleet.valkey.url) as valkey:
        await valkey.flushall()


Loss = Callable[[SocketFleet], AbstractAsyncContextManager[None]]


@pytest.mark.parametrize(
    "loss", [_restart, _short_freeze, _long_freeze, _emptied_first, _emptied_later]
)
async def test_every_client_shows_the_stored_answer_once(
    fleet: SocketFleet, member: Person, loss: Loss
) -> None:
    one, other = fleet.instances[:2]
    async with on(one, member, QUICK) as here, on(other, member, QUICK) as there:
        thread_id = (await here.threads.create()).id
        screens = [Screen(await client.subscribe(thread_id)) for client in (here, there)]
        async with here.run(thread_id, f"words={WORDS} pace={PACE}"):
            await eventually(lambda: all(len(s.text) > len(answer_of(10)) for s in screens))
            async with loss(fleet):
                os.kill(_agents(one).pid, signal.SIGKILL)
            await eventually(lambda: all(screen.ended for screen in screens), within=END_SECONDS)
        stored = await _answer(here, thread_id)
        assert stored == answer_of(WORDS)
        assert [screen.faults for screen in screens] == [[], []]
        assert [stored if one.must_load else one.text for one in screens] == [stored] * 2
        # The next run is as usual.
        assert await there.run(thread_id, "words=4").answer() == answer_of(4)
        for screen in screens:
            await screen.close()


def _agents(server: HttpServer) -> psutil.Process:
    found = agents_of(server.pid)
    assert found is not None
    return found


async def _answer(client: NetraClient, thread_id: UUID) -> str:
    messages = [message async for message in client.threads.messages(thread_id)]
    return "".join(message.text for message in messages if message.role == "assistant")
