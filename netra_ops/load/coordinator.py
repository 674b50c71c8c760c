"""Starts the workers, shows their progress and adds up their figures."""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence

import msgspec

from netra_ops.errors import OperatorError
from netra_ops.load.accounting import Figures
from netra_ops.load.plan import WorkerPlan

START_SECONDS = 3.0  # for the workers' imports and the measurement of their ceiling
LINE_BYTES = 16 * 1024 * 1024  # a result line holds whole histograms
PROGRESS = ("opened", "sent", "ok", "errors")

OnProgress = Callable[[dict[str, int]], None]


class WorkerFailed(OperatorError):
    """A worker process ended without a result."""

    code = "worker_failed"
    title = "Load worker failed"


def start_time() -> float:
    """Return the moment at which all workers start, in Unix seconds."""
    return time.time() + START_SECONDS


async def run_workers(
    plans: Sequence[WorkerPlan], on_progress: OnProgress, stop: asyncio.Event
) -> Figures:
    """Run one process for each plan and return the figures of all.

    Args:
        plans: one for each worker.
        on_progress: called with the sums of the workers' progress.
        stop: ends the load early; the figures so far are returned.

    Raises:
        WorkerFailed: a worker ended without a result.
    """
    latest: list[dict[str, int]] = [{} for _ in plans]

    def note_of(index: int) -> OnProgress:
        def note(progress: dict[str, int]) -> None:
            latest[index] = progress
            on_progress({name: sum(one.get(name, 0) for one in latest) for name in PROGRESS})

        return note

    async with asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(_worker(plan, note_of(index), stop))
            for index, plan in enumerate(plans)
        ]
    total = Figures()
    for task in running:
        total.merge(task.result())
    return total


async def _worker(plan: WorkerPlan, on_progress: OnProgress, stop: asyncio.Event) -> Figures:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "netra_ops.load.worker",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LINE_BYTES,
    )  # fmt: skip
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a pipe was asked for")
    ender = asyncio.create_task(_end_on(stop, process))
    try:
        process.stdin.write(msgspec.json.encode(plan))
        process.stdin.close()
        async for line in process.stdout:
            document = json.loads(line)
            if document["type"] == "result":
                return Figures.from_json(document["figures"])
            on_progress(document)
        status = await process.wait()
        raise WorkerFailed(f"a worker ended with status {status}; its output is above")
    finally:
        ender.cancel()
        if process.returncode is None:
            await _end(process)


async def _end_on(stop: asyncio.Event, process: asyncio.subprocess.Process) -> None:
    await stop.wait()
    process.terminate()


async def _end(process: asyncio.subprocess.Process) -> None:
    """A worker that has written its result ends by itself; one that was left is ended."""
    try:
        async with asyncio.timeout(START_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
