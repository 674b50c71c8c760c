"""Runs a coroutine to its end from synchronous code, leaving the test's event loop alone."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run ``work`` on a loop of its own and return its result.

    The explicit factory keeps ``asyncio.Runner`` from replacing the thread's current loop, which
    belongs to the plugin that runs asynchronous tests.
    """
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(work)
