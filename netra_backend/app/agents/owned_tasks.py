"""Ownership of the asyncio tasks that a run starts: they end with it.

pydantic-ai 2 loses the task of a model request, or of the run, when a cancellation arrives in the
loop iteration in which it awaits that task: in 2 of 100 runs that were cancelled within their
first 30 ms. A lost task keeps its request to the model open forever.
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

# A context variable, because a task starts in a copy of the context of its creator.
_started: ContextVar["set[asyncio.Task[Any]] | None"] = ContextVar("started_tasks", default=None)


@asynccontextmanager
async def owned_tasks() -> AsyncIterator[None]:
    """End the tasks that the block and its tasks leave running; they are logged and counted.

    The task factory of the loop reports its tasks. When the loop already has another factory, no
    task is owned.
    """
    loop = asyncio.get_running_loop()
    if loop.get_task_factory() is None:
        loop.set_task_factory(_create_task)
    started: set[asyncio.Task[Any]] = set()
    token = _started.set(started)
    try:
        yield
    finally:
        _started.reset(token)
        if lost := [task for task in started if not task.done()]:
            _log.warning("tasks of a run lost", count=len(lost))
            RUN_TASKS_LOST.inc(len(lost))
            await end_tasks(lost)


def _create_task(
    loop: asyncio.AbstractEventLoop,
    coro: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
    **options: Any,
) -> "asyncio.Task[Any]":
    task = asyncio.Task(coro, loop=loop, **options)
    if (started := _started.get()) is not None:
        started.add(task)
        task.add_done_callback(started.discard)
    return task
