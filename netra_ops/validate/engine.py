"""Executes rows: in parallel within a phase, each with a deadline; a broken check never passes."""

import asyncio
import time
from collections.abc import Callable, Sequence

import httpx

from netra_client.errors import NetraClientError
from netra_ops.errors import OperatorError, SomethingAbsent
from netra_ops.validate.evidence import (
    Evidence,
    Finding,
    Judged,
    NothingAsserted,
    NotPossible,
    Verdict,
)
from netra_ops.validate.row import LIMITS, Phase, Row, RowResult
from netra_ops.validate.target import Target

OnStart = Callable[[Row], None]
OnResult = Callable[[RowResult], None]


async def run_rows(
    rows: Sequence[Row], target: Target, *, on_start: OnStart, on_result: OnResult
) -> list[RowResult]:
    """Execute every row; return the results in the order of ``rows``.

    Args:
        rows: of one suite.
        target: what is validated.
        on_start: called when a row starts.
        on_result: called when it has ended.
    """
    results: dict[str, RowResult] = {}

    async def execute(row: Row, gate: asyncio.Semaphore) -> None:
        async with gate:
            on_start(row)
            result = await execute_row(row, target)
            results[row.id] = result
            on_result(result)

    def start(phase: Phase, tasks: asyncio.TaskGroup) -> None:
        gate = asyncio.Semaphore(LIMITS[phase])
        # The longest first: the short ones then fill the other places, and the phase ends sooner.
        for row in sorted(rows, key=lambda one: -one.seconds):
            if row.phase is phase:
                tasks.create_task(execute(row, gate))

    async with asyncio.TaskGroup() as anytime:
        start(Phase.ANYTIME, anytime)
        for phase in Phase:
            if phase is not Phase.ANYTIME:
                async with asyncio.TaskGroup() as tasks:
                    start(phase, tasks)
    return [results[row.id] for row in rows]


async def execute_row(row: Row, target: Target) -> RowResult:
    """Execute one row; an error of it is a failure, what is absent here is not possible."""
    started = time.monotonic()
    finding = await _find(row, target)
    seconds = round(time.monotonic() - started, 2)
    command = row.repeat(target)
    if isinstance(finding, NotPossible):
        return RowResult(
            row.id, row.title, Verdict.NOT_POSSIBLE, seconds, command, reason=finding.reason
        )
    return RowResult(row.id, row.title, finding.verdict, seconds, command, finding.evidence)


async def _find(row: Row, target: Target) -> Finding:
    bound = asyncio.timeout(row.seconds)
    try:
        async with bound:
            return await row.check(target)
    except SomethingAbsent as error:
        remedy = f"; {error.remedy}" if error.remedy else ""
        return NotPossible(f"{error.detail}{remedy}")
    except TimeoutError as error:
        if bound.expired():
            return _failed(f"an end within {row.seconds:g} s", "it was still running")
        return _failed("an answer in time", str(error) or "a wait inside the row was too long")
    except Exception as error:  # noqa: BLE001  a defect of a row fails the row, not the report
        return _failed(*_described(error))


def _described(error: Exception) -> tuple[str, str]:
    """Return what an error says was demanded, and what was seen."""
    match error:
        case NothingAsserted():
            return "the row asserts something", "it ended without an assertion"
        case NetraClientError():
            return "an answer", f"{error.message} ({error.code})"
        case OperatorError():
            return "an answer", f"{error.detail}; {error.remedy}".rstrip("; ")
        case httpx.HTTPError():
            return "an answer", str(error) or type(error).__name__
        case _:
            return "the check works", f"it failed by itself: {type(error).__name__}: {error}"


def _failed(demanded: str, seen: str) -> Judged:
    return Judged(Evidence(demanded, seen, holds=False))
