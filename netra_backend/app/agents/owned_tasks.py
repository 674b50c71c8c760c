"""The tasks that a run begins end with it.

pydantic-ai 2 loses the task of a model request, or of the run, when a cancellation arrives in the
turn of the loop in which it takes that task over: in 2 of 100 runs that were cancelled within their
first 30 ms. What was lost keeps its request to the model open for ever.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Generator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from netra_backend.app.runs.metrics import RUN_TASKS_LOST
from netra_shared.logging import get_logger
from netra_shared.runtime.task_end import end_tasks

_log = get_logger(__name__)

# A context variable, because tasks begin in a copy of the context of whoever begins them.
_begun: ContextVar["set[asyncio.Task[Any]] | None"] = ContextVar("begun", default=None)


@asynccontextmanager
async def owned_tasks() -> AsyncIterator[None]:
    """End what the block, and whatever it begins, leaves running; it is logged and counted.

    The loop tells of its tasks by its task factory. One that has a factory already keeps it, and
    nothing is owned.
    """
    loop = asyncio.get_running_loop()
    if loop.get_task_factory() is None:
        loop.set_task_factory(_begin)
    begun: set[asyncio.Task[Any]] = set()
    token = _begun.set(begun)
    try:
        yield
    finally:
        _begun.reset(token)
        if lost := [task for task in begun if not task.done()]:
            _log.warning("tasks of a run lost", count=len(lost))
            RUN_TASKS_LOST.inc(len(lost))
            await end_tasks(lost)


def _begin(
    loop: asyncio.AbstractEventLoop,
    coro: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
    **options: Any,
) -> "asyncio.Task[Any]":
    task = asyncio.Task(coro, loop=loop, **options)
    if (begun := _begun.get()) is not None:
        begun.add(task)
        task.add_done_callback(begun.discard)
    return task
