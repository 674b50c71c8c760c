"""Ends tasks that may lose their cancellation.

Libraries do lose one: redis-py 8.1 completes a command whose cancellation arrived while it was
connecting. A loop that is cancelled once then runs for ever, and so does whoever waits for it.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import structlog

AGAIN_SECONDS = 0.1  # a task that heeds its cancellation ends within a few turns of the loop
END_SECONDS = 2.0  # of the 8 that a whole shutdown may take

_log = structlog.get_logger(__name__)


async def end_task(task: "asyncio.Task[Any]", *, within_seconds: float = END_SECONDS) -> bool:
    """Cancel ``task`` again and again until it has ended; return whether it has.

    Its result or error stays with the task.
    """
    return await end_tasks([task], within_seconds=within_seconds)


async def end_tasks(
    tasks: Iterable["asyncio.Task[Any]"], *, within_seconds: float = END_SECONDS
) -> bool:
    """Cancel all ``tasks`` again and again until they have ended; return whether they have.

    Who survives is logged. Results and errors stay with the tasks. A caller that is cancelled
    meanwhile ends them all the same, and is cancelled then: it may be one of the tasks of another
    call of this, which cancels it again and again, and what it owns must not outlive it.
    """
    loop = asyncio.get_running_loop()
    give_up = loop.time() + within_seconds
    running = {task for task in tasks if not task.done()}
    cancelled: asyncio.CancelledError | None = None
    while running and (left := give_up - loop.time()) > 0:
        for task in running:
            task.cancel()
        try:
            _, running = await asyncio.wait(running, timeout=min(left, AGAIN_SECONDS))
        except asyncio.CancelledError as error:
            cancelled = error
            running = {task for task in running if not task.done()}
    for task in running:
        _log.warning("task survives its cancellation", task=task.get_name())
    if cancelled is not None:
        raise cancelled
    return not running
