"""Drains the instance on SIGTERM before the server stops.

uvicorn's handler stops listening and immediately closes every socket with 1012. The handler of this
module runs first: clients are notified when to reconnect and runs get time to finish; then
uvicorn's handler runs.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import FrameType

from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed

_log = get_logger(__name__)


@asynccontextmanager
async def drain_on_sigterm(
    drain: Callable[[], Awaitable[None]], *, within_seconds: float
) -> AsyncIterator[None]:
    """Run ``drain`` once on SIGTERM, then pass the signal to the previous handler.

    Enter this context in the application's lifespan, after uvicorn has installed its handlers.

    Args:
        drain: drains the instance; also awaited when the block ends without a signal.
        within_seconds: bound of the drain; then the signal is passed on in any case.
    """
    previous = signal.getsignal(signal.SIGTERM)
    loop = asyncio.get_running_loop()
    drained: asyncio.Task[None] | None = None

    async def bounded() -> None:
        with swallowed(_log, "drain"):
            async with asyncio.timeout(within_seconds):
                await drain()

    async def drain_and_pass_on() -> None:
        await bounded()
        if callable(previous):
            frame: FrameType | None = None
            previous(signal.SIGTERM, frame)

    def on_sigterm() -> None:
        nonlocal drained
        if drained is None:
            drained = asyncio.create_task(drain_and_pass_on(), name="drain")

    loop.add_signal_handler(signal.SIGTERM, on_sigterm)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, previous)
        await (drained if drained is not None else bounded())
