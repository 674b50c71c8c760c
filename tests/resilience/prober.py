"""Probes ``/health/ready`` at a fixed rate, independent of the earlier probes.

Open loop: a probe starts when its time has come, not when the one before has been answered, so a
server that hangs cannot slow its own measurement down. Only this process's own lack of a processor
can, and that is accounted for (``stolen_time``).
"""

import asyncio
import os
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from netra_ops.services.loopback import LOOPBACK
from test_framework.stolen_time import StolenTime
from tests.resilience.timeline import Sample, Timeline

ANSWER_SECONDS = 10.0
SAMPLE_SECONDS = 0.02
TOP_STATES = (b'"status":"pass"', b'"status":"warn"', b'"status":"fail"')


class Prober:
    """Asks one path of one server ``rate`` times a second while the context is open.

    Args:
        port: on loopback.
        pid: the server's process, for which stolen time is counted.
        path: what to ask.
        rate: probes per second.
        answer_seconds: a probe without an answer is recorded after so long.
        others: processes that the server waits for; what is stolen from them counts as well.
    """

    def __init__(
        self,
        port: int,
        pid: int,
        *,
        path: str = "/health/ready",
        rate: float = 200.0,
        answer_seconds: float = ANSWER_SECONDS,
        others: Iterable[int] = (),
    ) -> None:
        self._port = port
        self._request = f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\n\r\n".encode()
        self._rate = rate
        self._answer_seconds = answer_seconds
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._pending: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._began = 0.0
        self._newest = -1.0
        self.timeline = Timeline(stolen=StolenTime(os.getpid(), pid, rarely=others))
        self.state = ""

    async def __aenter__(self) -> Self:
        """Start to probe."""
        self._began = time.monotonic()
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Stop, let the last probes end, close the connections."""
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait({self._task, *self._pending}, timeout=self._answer_seconds + 1)
        for _, writer in self._idle:
            writer.close()

    @property
    def now(self) -> float:
        """Seconds since the first probe."""
        return time.monotonic() - self._began

    def mark(self, what: str) -> float:
        """Note on the timeline that something was done to the dependency; returns the moment."""
        moment = self.now
        self.timeline.marks.append((moment, what))
        return moment

    async def until(self, state: str, *, within: float, since: float | None = None) -> float:
        """Wait until a probe saw ``state``; fails after ``within``. Counts fair time.

        Args:
            state: what to wait for.
            within: seconds.
            since: when the time started to count; now when None.

        Returns:
            How long it took.
        """
        started = self.now if since is None else since
        while self.state != state:
            took = self.timeline.fair(started, self.now)
            assert took <= within, f"still {self.state!r}, not {state!r}, after {took:.2f} s"
            await asyncio.sleep(0.005)
        return self.timeline.fair(started, self.now)

    async def hold(self, state: str, *, seconds: float) -> None:
        """Fail when a probe sees anything but ``state`` during ``seconds``."""
        until = self.now + seconds
        while self.now < until:
            assert self.state == state, f"became {self.state!r} while {state!r} was expected"
            await asyncio.sleep(0.005)

    async def _run(self) -> None:
        started, sampled_at = 0, 0.0
        while True:
            due = started / self._rate
            if due > self.now:
                await asyncio.sleep(due - self.now)
            now = self.now
            self.timeline.stolen.note(due, now)
            # What this process had no processor to send in time is left out, not sent as a burst:
            # a burst would measure its own queue.
            started = max(started, int(now * self._rate))
            if now - sampled_at >= SAMPLE_SECONDS:
                self.timeline.stolen.sample(now)
                sampled_at = now
            task = asyncio.create_task(self._probe())
            self._pending.add(task)
            task.add_done_callback(self._pending.discard)
            started += 1

    async def _probe(self) -> None:
        started = self.now
        try:
            async with asyncio.timeout(self._answer_seconds):
                status, state = await self._ask()
        except TimeoutError:
            status, state = 0, "no answer"
        except (OSError, asyncio.IncompleteReadError) as error:
            status, state = 0, type(error).__name__
        self.timeline.samples.append(Sample(started, self.now - started, status, state))
        if started > self._newest:  # an old probe's late answer is no news
            self._newest, self.state = started, state

    async def _ask(self) -> tuple[int, str]:
        connection = (
            self._idle.pop() if self._idle else await asyncio.open_connection(LOOPBACK, self._port)
        )
        reader, writer = connection
        try:
            writer.write(self._request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            body = await reader.readexactly(length)
        except BaseException:
            writer.close()
            raise
        self._idle.append(connection)
        return int(head[9:12]), next(item[10:-1].decode() for item in TOP_STATES if item in body)
