"""Runs a coroutine to its end from synchronous code, leaving the caller's event loop alone."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run ``work`` on a loop of its own and return its result.

    Called while a loop runs in this thread (from an asynchronous test, say), it blocks that loop
    and works on another thread.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run(work)
    with ThreadPoolExecutor(1, thread_name_prefix="blocking") as other_thread:
        return other_thread.submit(_run, work).result()


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    # The explicit factory keeps asyncio.Runner from replacing the thread's current loop, which
    # belongs to the plugin that runs asynchronous tests.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(work)
