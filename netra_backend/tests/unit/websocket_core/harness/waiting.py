"""Waiting on a condition with a deadline, instead of sleeping and hoping."""

import asyncio
from collections.abc import Callable

DEADLINE_SECONDS = 30.0
LOOK_SECONDS = 0.01


async def until(condition: Callable[[], object], seconds: float = DEADLINE_SECONDS) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  the condition is any, so it has no event
            await asyncio.sleep(LOOK_SECONDS)
