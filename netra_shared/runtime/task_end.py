"""Ends tasks that may lose their cancellation.

redis-py 8.1 completes a command whose cancellation arrived while it was connecting. A loop that was
cancelled once then runs forever, and so does its waiter.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import structlog

AGAIN_SECONDS = 0.1  # a task that obeys ends within a few iterations of the event loop
END_SECONDS = 2.0  # of the 8 s of a whole shutdown

_log = structlog.get_logger(__name__)


async def end_task(task: "asyncio.Task[Any]", *, within_seconds: float = END_SECONDS) -> bool:
    """Cancel ``task`` repeatedly until it has ended; return whether it has.

    The task keeps its result or error.
    """
    return await end_tasks([task], within_seconds=within_seconds)


async def end_tasks(
    tasks: Iterable["asyncio.Task[Any]"], *, within_seconds: float = END_SECONDS
) -> bool:
    """Cancel all ``tasks`` repeatedly until they have ended; return whether they have.

    Tasks that survive are logged. The tasks keep their results and errors. A caller that is
    cancelled meanwhile first ends the tasks and is cancelled then: it may itself be a task of
    another call, and its own tasks must not outlive it.
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
