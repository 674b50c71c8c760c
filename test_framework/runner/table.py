"""The table of a run, as text."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from test_framework.categories import CATEGORIES
from test_framework.outcomes import Outcomes, TestOutcome

HEADINGS = ("category", "collected", "passed", "failed", "skipped", "seconds", "slowest")


@dataclass(frozen=True)
class Row:
    """One category."""

    category: str
    collected: int
    passed: int
    failed: int
    skipped: int
    seconds: float
    slowest: str

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the row as shown."""
        numbers = (self.collected, self.passed, self.failed, self.skipped)
        return (self.category, *map(str, numbers), f"{self.seconds:.1f}", self.slowest)


def rows(outcomes: Outcomes) -> list[Row]:
    """Return one row for each category that has tests, in the usual order."""
    by_category: dict[str, list[TestOutcome]] = {}
    for test in outcomes.tests:
        by_category.setdefault(test.category, []).append(test)
    found = []
    for category in (*CATEGORIES, "none"):
        tests = by_category.get(category, [])
        if not tests:
            continue
        results = Counter(test.result for test in tests)
        slowest = max(tests, key=lambda test: test.seconds)
        found.append(
            Row(
                category=category,
                collected=len(tests),
                passed=results["passed"],
                failed=results["failed"],
                skipped=results["skipped"] + results["xfailed"],
                seconds=sum(test.seconds for test in tests),
                slowest=f"{slowest.seconds:.1f} s {slowest.nodeid.rpartition('/')[2]}",
            )
        )
    return found


def render(found: Sequence[Row]) -> str:
    """Return the table with aligned columns."""
    lines = [HEADINGS, *(row.cells for row in found)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    aligned = []
    for line in lines:
        cells = [
            cell.rjust(width) if 1 <= column <= 5 else cell.ljust(width)  # the numbers
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        aligned.append("  ".join(cells).rstrip())
    return "\n".join(aligned)


def skips(outcomes: Outcomes) -> list[str]:
    """Return one line for each reason of a skip or expected failure, with its count."""
    reasons = Counter(
        (test.result, test.detail or "no reason")
        for test in outcomes.tests
        if test.result in {"skipped", "xfailed"}
    )
    return [f"{result} {count}: {why}" for (result, why), count in sorted(reasons.items())]


def slowest(outcomes: Outcomes, count: int = 10) -> list[str]:
    """Return the slowest tests, slowest first."""
    ordered = sorted(outcomes.tests, key=lambda test: -test.seconds)[:count]
    return [f"{test.seconds:7.2f} s  {test.nodeid}" for test in ordered]
