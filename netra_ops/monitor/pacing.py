"""Starts work at a fixed rate, however long the work takes (an open loop)."""

import asyncio
from collections.abc import Awaitable, Callable


async def at_rate(
    work: Callable[[], Awaitable[None]],
    *,
    per_second: float,
    limit: int,
    skipped: Callable[[], None],
    stop: asyncio.Event,
) -> None:
    """Start ``work`` ``per_second`` times a second until ``stop`` is set, then wait for the rest.

    Args:
        work: one unit; its exceptions end everything.
        per_second: above 0.
        limit: units in flight at most; beyond it a start is skipped, and counted.
        skipped: called for each skipped start.
        stop: ends the loop.
    """
    loop = asyncio.get_running_loop()
    started, number = loop.time(), 0
    in_flight: set[asyncio.Task[None]] = set()
    async with asyncio.TaskGroup() as tasks:
        while not await _stopped(stop, started + number / per_second):
            number += 1
            if len(in_flight) >= limit:
                skipped()
                continue
            task = tasks.create_task(_run(work))
            in_flight.add(task)
            task.add_done_callback(in_flight.discard)


async def _run(work: Callable[[], Awaitable[None]]) -> None:
    await work()


async def _stopped(stop: asyncio.Event, when: float) -> bool:
    """Wait until the loop's clock shows ``when``; return whether ``stop`` was set before."""
    try:
        async with asyncio.timeout_at(when):
            await stop.wait()
    except TimeoutError:
        return stop.is_set()
    return True
