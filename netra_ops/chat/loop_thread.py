"""Runs the client's event loop in a thread, so that the main thread can wait for the keyboard.

``input`` with line editing and Ctrl-C both belong to the main thread; the connection must be
kept alive while it waits.
"""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

ResultType = TypeVar("ResultType")

START_SECONDS = 30.0


class LoopThread:
    """An event loop of its own, from entry to exit."""

    def __init__(self) -> None:
        self._started = threading.Event()
        self._stop: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="netra-chat")

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait(START_SECONDS)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def submit(self, work: Coroutine[Any, Any, ResultType]) -> Future[ResultType]:
        """Start ``work`` on the loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def do(self, work: Coroutine[Any, Any, ResultType]) -> ResultType:
        """Run ``work`` to its end; Ctrl-C cancels it and raises KeyboardInterrupt."""
        future = self.submit(work)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._started.set()
        await self._stop.wait()
