"""Runs checks in parallel."""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from netra_ops.check.checks import Check

CHECK_SECONDS = 600.0  # mypy without its cache on a slow machine takes one or two minutes


class Outcome(StrEnum):
    """Outcome of a check."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ABSENT = "absent"


@dataclass(frozen=True)
class Result:
    """A check's outcome, its seconds, and what it printed."""

    check: Check
    outcome: Outcome
    seconds: float
    output: str


async def run_checks(
    checks: Sequence[Check], root: Path, finished: Callable[[Result], None]
) -> list[Result]:
    """Run all checks, one per processor at a time.

    Args:
        checks: what to run; the results have the same order.
        root: their working directory.
        finished: called with each result as soon as it is known.
    """
    slots = asyncio.Semaphore(os.cpu_count() or 2)

    async def one(check: Check) -> Result:
        async with slots:
            result = await run_check(check, root)
        finished(result)
        return result

    return list(await asyncio.gather(*(one(check) for check in checks)))


async def run_check(check: Check, root: Path) -> Result:
    """Run one check and return its result; a missing program is a result, not an error."""
    if not check.argv:
        return Result(check, Outcome.SKIPPED, 0.0, check.skipped)
    loop = asyncio.get_running_loop()
    started = loop.time()
    try:
        process = await asyncio.create_subprocess_exec(
            *check.argv,
            cwd=root,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except FileNotFoundError:
        return Result(check, Outcome.ABSENT, 0.0, f"{check.argv[0]} is not installed")
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return Result(
            check, Outcome.FAILED, CHECK_SECONDS, f"no result after {CHECK_SECONDS:g} s, killed"
        )
    outcome = Outcome.PASSED if process.returncode == 0 else Outcome.FAILED
    return Result(check, outcome, loop.time() - started, output.decode(errors="replace").strip())
