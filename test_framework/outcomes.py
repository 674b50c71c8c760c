"""The outcome of every test as data: written by pytest's controller, read by the runner."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from test_framework.categories import category_of

Result = Literal["passed", "failed", "skipped", "xfailed"]
CATEGORY_PROPERTY = "category"  # of a report's user_properties; also shows in junit.xml


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """One test.

    Attributes:
        nodeid: pytest's id.
        category: by folder.
        result: the worst of setup, call and teardown.
        seconds: the three together.
        detail: the reason of a skip, or the last line of a failure.
        report: the whole text of a failure.
        also: categories that it was added to by hand.
    """

    __test__ = False

    nodeid: str
    category: str
    result: Result
    seconds: float
    detail: str = ""
    report: str = ""
    also: tuple[str, ...] = ()

    @property
    def categories(self) -> frozenset[str]:
        """Every category that it counts for."""
        return frozenset({self.category, *self.also})


@dataclass(frozen=True)
class Outcomes:
    """What one run of pytest left.

    Attributes:
        tests: every test that was reported.
        collected: ids of all tests that were to run.
        collection_errors: what could not even be collected.
    """

    tests: tuple[TestOutcome, ...] = ()
    collected: frozenset[str] = frozenset()
    collection_errors: tuple[str, ...] = ()

    @property
    def lost(self) -> list[str]:
        """Ids that were collected and never reported: the run ended before their turn."""
        return sorted(self.collected - {test.nodeid for test in self.tests})


@dataclass(eq=False)  # pluggy keeps plugins in sets, so it must be hashable
class OutcomeCollector:
    """Collects reports (under xdist: on the controller) and writes them at the end."""

    target: Path
    reports: dict[str, list[pytest.TestReport]] = field(default_factory=dict)
    collected: set[str] = field(default_factory=set)
    collection_errors: set[str] = field(default_factory=set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep one phase of one test."""
        self.reports.setdefault(report.nodeid, []).append(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what could not even be collected."""
        if report.failed:
            self.collection_errors.add(report.nodeid)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep what is to run, without xdist."""
        self.collected.update(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Keep what is to run, with xdist: each worker collects everything."""
        self.collected.update(ids)

    def pytest_sessionfinish(self) -> None:
        """Write ``{"tests": [...], "collected": [...], "collection_errors": [...]}``."""
        tests = [_outcome(nodeid, phases) for nodeid, phases in self.reports.items()]
        document = {
            "tests": [asdict(test) for test in tests],
            "collected": sorted(self.collected),
            "collection_errors": sorted(self.collection_errors),
        }
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.target.write_text(json.dumps(document))


def read_outcomes(source: Path) -> Outcomes:
    """Read what an ``OutcomeCollector`` wrote.

    Raises:
        FileNotFoundError: pytest ended before it could write it.
    """
    document: dict[str, Any] = json.loads(source.read_text())
    return Outcomes(
        tests=tuple(TestOutcome(**{**t, "also": tuple(t["also"])}) for t in document["tests"]),
        collected=frozenset(document["collected"]),
        collection_errors=tuple(document["collection_errors"]),
    )


def _outcome(nodeid: str, phases: Iterable[pytest.TestReport]) -> TestOutcome:
    reports = list(phases)
    result: Result = "passed"
    detail = text = ""
    for report in reports:
        if report.failed:
            result, detail, text = "failed", _last_line(report), report.longreprtext
            break
        if report.skipped:
            result = "xfailed" if hasattr(report, "wasxfail") else "skipped"
            detail = str(getattr(report, "wasxfail", "")) or _skip_reason(report)
    category = category_of(nodeid.partition("::")[0]) or "none"
    marks = {
        str(value)
        for report in reports
        for name, value in report.user_properties
        if name == CATEGORY_PROPERTY
    }
    return TestOutcome(
        nodeid=nodeid,
        category=category,
        result=result,
        seconds=sum(report.duration for report in reports),
        detail=detail,
        report=text,
        also=tuple(sorted(marks - {category})),
    )


def _skip_reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return str(report.longrepr)


def _last_line(report: pytest.TestReport) -> str:
    lines = [line for line in report.longreprtext.splitlines() if line.startswith("E ")]
    return (lines or report.longreprtext.splitlines() or [""])[-1].removeprefix("E").strip()
