"""Waits for a fact instead of for a time."""

import asyncio
from collections.abc import Awaitable, Callable

POLL_SECONDS = 0.01


async def eventually(
    condition: Callable[[], object | Awaitable[object]], *, within: float = 20.0, what: str = ""
) -> None:
    """Return as soon as ``condition()`` is true; fail the test when it is not ``within`` seconds.

    Args:
        condition: a function, or a coroutine function; asked again and again.
        within: seconds.
        what: said in the failure; the last value otherwise.
    """
    loop = asyncio.get_running_loop()
    give_up = loop.time() + within
    while True:
        value = condition()
        if isinstance(value, Awaitable):
            value = await value
        if value:
            return
        if loop.time() >= give_up:
            raise AssertionError(f"{what or f'{value!r}'}: not so after {within:g} s")
        await asyncio.sleep(POLL_SECONDS)
