"""Retries within a deadline."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from netra_shared.errors import NetraError

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 1.0

ResultType = TypeVar("ResultType")


async def retried(
    attempt: Callable[[], Awaitable[ResultType]], seconds: float, *errors: type[NetraError]
) -> ResultType:
    """Repeat ``attempt`` with growing pauses until it succeeds or ``seconds`` have passed.

    Args:
        attempt: must be idempotent.
        seconds: deadline, after which the last error is raised.
        errors: the transient ones.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            return await attempt()
        except errors:
            if loop.time() + pause > deadline:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
