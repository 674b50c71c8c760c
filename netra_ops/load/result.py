"""A result file: written, read, merged and compared."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netra_ops.errors import OperatorError
from netra_ops.load.accounting import Figures
from netra_ops.measure.latencies import Latencies

FORMAT = 1


class ResultUnreadable(OperatorError):
    """A file is no result of a load test."""

    code = "result_unreadable"
    title = "Result unreadable"
    exit_code = 2


@dataclass(frozen=True, slots=True)
class Result:
    """What one test, or several machines together, measured."""

    scenario: str
    address: str
    duration: float
    figures: Figures


def write_result(path: Path, result: Result) -> None:
    """Write the file."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "scenario": result.scenario,
        "address": result.address,
        "duration": result.duration,
        "figures": result.figures.to_json(),
    }
    path.write_text(json.dumps(document, indent=1) + "\n")


def read_result(path: Path) -> Result:
    """Return what ``write_result`` wrote.

    Raises:
        ResultUnreadable: the file is absent or is something else.
    """
    try:
        document = json.loads(path.read_text())
        if document["format"] != FORMAT:
            raise ResultUnreadable(f"{path} has format {document['format']}, not {FORMAT}")
        return Result(
            str(document["scenario"]),
            str(document["address"]),
            float(document["duration"]),
            Figures.from_json(document["figures"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResultUnreadable(
            f"{path} is no result of netra load: {error}", remedy="write it with --result FILE"
        ) from error


def merge_results(results: list[Result]) -> Result:
    """Return one result of several machines; no sample is lost."""
    first = results[0]
    figures = Figures()
    for result in results:
        figures.merge(result.figures)
    return Result(first.scenario, first.address, max(one.duration for one in results), figures)


@dataclass(frozen=True, slots=True)
class Change:
    """One latency in two results; milliseconds, ``ratio`` is after by before."""

    step: str
    percentile: str
    before: float
    after: float

    @property
    def ratio(self) -> float:
        """After by before; 1 is no change."""
        return self.after / self.before if self.before else 1.0


def compare(before: Result, after: Result) -> list[Change]:
    """Return the p50 and p99 of every step that both results have."""
    changes = []
    for step in sorted(before.figures.steps.keys() & after.figures.steps.keys()):
        left, right = before.figures.steps[step], after.figures.steps[step]
        changes += [_change(step, percent, left, right) for percent in (50.0, 99.0)]
    return changes


def _change(step: str, percent: float, left: Latencies, right: Latencies) -> Change:
    before = (left.percentile(percent) or 0.0) * 1000
    after = (right.percentile(percent) or 0.0) * 1000
    return Change(step, f"p{percent:g}", round(before, 2), round(after, 2))
