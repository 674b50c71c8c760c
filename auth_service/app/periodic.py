"""A periodic background task with an owner."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.runtime.task_end import end_task

JITTER = 0.2  # of the period, so that instances started together do not stay synchronised
STOP_SECONDS = 2.0  # a run takes milliseconds; one that waits for a silent database is cancelled

_log = get_logger(__name__)


class Periodic:
    """Runs ``action`` periodically until stopped.

    A failed run is logged and counted as ``<name>_failed`` and does not delay the next one.

    Args:
        name: snake_case; names the task and its failures.
        action: one run; must have its own deadlines.
        seconds: returns the time from the end of one run to the start of the next.
    """

    def __init__(
        self, name: str, action: Callable[[], Awaitable[object]], *, seconds: Callable[[], float]
    ) -> None:
        self._name = name
        self._action = action
        self._seconds = seconds
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the task; the first run is after one period."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """Stop the task and wait for its end; a run in progress has ``STOP_SECONDS`` to finish."""
        self._stopping.set()
        if self._task is None:
            return
        await asyncio.wait({self._task}, timeout=STOP_SECONDS)
        await end_task(self._task)

    async def _run(self) -> None:
        while not await self._is_stopped_within(self._pause()):
            with swallowed(_log, f"{self._name}_failed"):
                await self._action()

    async def _is_stopped_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return False
        return True

    def _pause(self) -> float:
        return self._seconds() * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  no secret
