"""Watches the readiness of several instances concurrently."""

import asyncio
import os
import time
from types import TracebackType
from typing import Self

import httpx

from test_framework.stolen_time import StolenTime
from tests.resilience.service_process import ServiceProcess
from tests.resilience.stack import Stack

POLL_SECONDS = 0.05
ANSWER_SECONDS = 10.0  # a starved machine; what readiness promises is measured elsewhere


class FleetWatch:
    """Asks every instance of ``stack`` again and again while the context is open."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._client = httpx.AsyncClient(timeout=ANSWER_SECONDS)
        self._task: asyncio.Task[None] | None = None
        self._turn = asyncio.Condition()
        self.states = [""] * len(stack.services)
        self.fewest_ready = len(stack.services)
        self._admitted = False
        self._stolen = StolenTime(os.getpid(), *(service.child.pid for service in stack.services))

    async def __aenter__(self) -> Self:
        """Start to watch."""
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Stop watching."""
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait({self._task})
        await self._client.aclose()

    async def until(self, states: list[str], *, within: float) -> None:
        """Wait for exactly these states; counts the time in which everybody had a processor."""
        started = time.monotonic()
        while self.states != states:
            now = time.monotonic()
            took = now - started - self._stolen.within(started, now)
            assert took <= within, f"{self.states}, not {states}, after {took:.1f} s"
            await self._next_turn()

    async def hold(self, states: list[str], *, seconds: float, settle: float = 0.0) -> None:
        """Fail when the states differ during ``seconds``, once reached within ``settle``."""
        await self.until(states, within=settle)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.states == states
            await self._next_turn()

    async def _next_turn(self) -> None:
        async with self._turn:
            await self._turn.wait()

    async def _run(self) -> None:
        while True:
            answers = await asyncio.gather(*map(self._ask, self._stack.services))
            async with self._turn:
                self.states = answers
                self._turn.notify_all()
            ready = sum(state in {"pass", "warn"} for state in answers)
            self._admitted = self._admitted or ready == len(answers)
            if self._admitted:
                self.fewest_ready = min(self.fewest_ready, ready)
            due = time.monotonic() + POLL_SECONDS
            await asyncio.sleep(POLL_SECONDS)
            now = time.monotonic()
            self._stolen.note(due, now)
            self._stolen.sample(now)

    async def _ask(self, service: ServiceProcess) -> str:
        try:
            answer = await self._client.get(f"{service.url}/health/ready")
        except httpx.TransportError as error:
            return type(error).__name__
        return str(answer.json()["status"])
