"""Waiting on a condition with a deadline, never for a fixed time."""

import asyncio
import time
from collections.abc import Callable

PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.01


def wait_until(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Block until ``condition`` is true; fail after ``seconds``."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "the condition did not come true in time"
        time.sleep(POLL_SECONDS)


async def until(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until ``condition`` is true; fail after ``seconds``."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # the condition lives in other processes
            await asyncio.sleep(POLL_SECONDS)
