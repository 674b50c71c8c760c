"""The outcome of every test as data: written by pytest's controller, read by the runner."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import pytest

from test_framework.categories import category_of

Result = Literal["passed", "failed", "skipped", "xfailed"]


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """One test.

    Attributes:
        nodeid: pytest's id.
        category: by folder.
        result: the worst of setup, call and teardown.
        seconds: the three together.
        detail: the reason of a skip, or the last line of a failure.
    """

    __test__ = False

    nodeid: str
    category: str
    result: Result
    seconds: float
    detail: str = ""


class OutcomeCollector:
    """Collects reports (under xdist: on the controller) and writes them at the end."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._reports: dict[str, list[pytest.TestReport]] = {}
        self._collection_errors: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep one phase of one test."""
        self._reports.setdefault(report.nodeid, []).append(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what could not even be collected."""
        if report.failed:
            self._collection_errors.append(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write ``{"outcomes": [...], "collection_errors": [...]}``."""
        outcomes = [_outcome(nodeid, phases) for nodeid, phases in self._reports.items()]
        self._target.parent.mkdir(parents=True, exist_ok=True)
        self._target.write_text(
            json.dumps(
                {
                    "outcomes": [asdict(outcome) for outcome in outcomes],
                    "collection_errors": sorted(set(self._collection_errors)),
                }
            )
        )


def read_outcomes(source: Path) -> tuple[list[TestOutcome], list[str]]:
    """Return the outcomes and the ids of what could not be collected."""
    document = json.loads(source.read_text())
    return [TestOutcome(**item) for item in document["outcomes"]], document["collection_errors"]


def _outcome(nodeid: str, phases: Iterable[pytest.TestReport]) -> TestOutcome:
    reports = list(phases)
    result: Result = "passed"
    detail = ""
    for report in reports:
        if report.failed:
            result, detail = "failed", _last_line(report)
            break
        if report.skipped:
            result = "xfailed" if hasattr(report, "wasxfail") else "skipped"
            detail = str(getattr(report, "wasxfail", "")) or _skip_reason(report)
    return TestOutcome(
        nodeid=nodeid,
        category=category_of(nodeid.partition("::")[0]) or "none",
        result=result,
        seconds=sum(report.duration for report in reports),
        detail=detail,
    )


def _skip_reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return str(report.longrepr)


def _last_line(report: pytest.TestReport) -> str:
    lines = [line for line in report.longreprtext.splitlines() if line.startswith("E ")]
    return (lines or report.longreprtext.splitlines() or [""])[-1].removeprefix("E").strip()
