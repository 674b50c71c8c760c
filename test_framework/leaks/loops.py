"""What a test leaves in its event loop: tasks that still run, errors that no one looked at."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

# asyncpg, cancelled while it connects, leaves an error in a future that no one can reach any more.
NOT_OURS = ("unexpected connection_lost() call",)
SETTLE_TURNS = 20  # a cancelled task needs a turn for each level of its clean-up


def check_before_close(
    runner: asyncio.Runner,
    found: Callable[[str], None],
    settle_seconds: float,
    closing: Callable[[], None] = lambda: None,
) -> None:
    """Look for running tasks when ``runner`` is closed, before it cancels them in silence.

    Args:
        runner: of a test, or of a wider scope.
        found: called with each task.
        settle_seconds: for tasks that are ending and wait for the outside, such as a close frame.
        closing: called first.
    """
    close = runner.close

    def checked_close() -> None:
        closing()
        loop = runner.get_loop()
        if not loop.is_closed():
            for task in loop.run_until_complete(_still_running(settle_seconds)):
                found(f"task {task.get_name()!r} of {_origin(task)} still runs")
        close()

    runner.close = checked_close  # type: ignore[method-assign]  # it has no hook


class LoopErrors(logging.Handler):
    """Keeps what event loops report because no one else is left to hear it.

    "Task exception was never retrieved", "Task was destroyed but it is pending", errors in
    callbacks: asyncio's default handler logs them (loop.default_exception_handler).
    """

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one report."""
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += f": {record.exc_info[1]!r}"
        if not any(known in text for known in NOT_OURS):
            self._errors.append(text)

    def taken(self) -> list[str]:
        """Return the reports since the last call."""
        errors, self._errors = self._errors, []
        return errors


async def _still_running(settle_seconds: float) -> set["asyncio.Task[Any]"]:
    me = asyncio.current_task()

    def others() -> set["asyncio.Task[Any]"]:
        return {task for task in asyncio.all_tasks() if task is not me}

    for _ in range(SETTLE_TURNS):
        if not others():
            return set()
        await asyncio.sleep(0)
    if running := others():
        await asyncio.wait(running, timeout=settle_seconds)
    return others()


def _origin(task: "asyncio.Task[Any]") -> str:
    coroutine = task.get_coro()
    return str(getattr(coroutine, "__qualname__", coroutine))
