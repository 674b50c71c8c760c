"""Whether a run may be called green: a function of what happened, without input or output."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from test_framework.integrity.finding import Finding
from test_framework.outcomes import Outcomes
from test_framework.skip_reasons import AcceptedSkip, is_accounted_for

# pytest.ExitCode
OK, TESTS_FAILED, NOTHING_COLLECTED = 0, 1, 5
SHOWN = 10  # of each kind of problem; the reports have all


@dataclass(frozen=True)
class Run:
    """Everything that the verdict rests on.

    Args:
        outcomes: of the tests; None when pytest could not write them.
        exit_status: pytest's; negative is the signal that ended it.
        timed_out: the run's deadline passed.
        findings: of the integrity rules.
        categories: that were asked for.
        floors: by category; empty when only a part of a category was asked for.
        accepted: skips that are on file.
    """

    outcomes: Outcomes | None
    exit_status: int
    timed_out: bool = False
    findings: Sequence[Finding] = ()
    categories: Sequence[str] = ()
    floors: Mapping[str, int] | None = None
    accepted: tuple[AcceptedSkip, ...] = ()


def problems(run: Run) -> list[str]:
    """Return every reason not to call the run green; empty when it is."""
    found = []
    if run.timed_out:
        found.append("the deadline of the whole run passed (--timeout)")
    if run.outcomes is None:
        found.append(f"pytest ended with status {run.exit_status} before it could report")
        return found + _integrity(run.findings)
    outcomes = run.outcomes
    failed = [test.nodeid for test in outcomes.tests if test.result == "failed"]
    found += _some("failed", failed)
    found += _some("could not be collected", outcomes.collection_errors)
    found += _some("was collected but never ran", outcomes.lost)
    found += _unexplained(outcomes, run.accepted)
    if not outcomes.collected or run.exit_status == NOTHING_COLLECTED:
        found.append("nothing was collected")
    found += _below_floor(outcomes, run)
    found += _integrity(run.findings)
    if run.exit_status != OK and not found:
        found.append(f"pytest ended with status {run.exit_status}; its output says why")
    return found


def ran_by_category(outcomes: Outcomes) -> Counter[str]:
    """Count the tests that really ran, for each category that they belong to."""
    return Counter(
        category
        for test in outcomes.tests
        if test.result in {"passed", "failed"}
        for category in test.categories
    )


def _unexplained(outcomes: Outcomes, accepted: tuple[AcceptedSkip, ...]) -> list[str]:
    return _some(
        "is skipped or expected to fail for no reason on file",
        [
            f"{test.nodeid} ({test.result}: {test.detail or 'no reason'})"
            for test in outcomes.tests
            if test.result in {"skipped", "xfailed"} and not is_accounted_for(test.detail, accepted)
        ],
    )


def _below_floor(outcomes: Outcomes, run: Run) -> list[str]:
    ran = ran_by_category(outcomes)
    return [
        f"only {ran[category]} {category} tests ran; the floor is {run.floors[category]} "
        "(tests/floors.toml)"
        for category in run.categories
        if run.floors and ran[category] < run.floors[category]
    ]


def _integrity(findings: Iterable[Finding]) -> list[str]:
    return _some("breaks an integrity rule", [str(finding) for finding in findings])


def _some(what: str, names: Sequence[str]) -> list[str]:
    more = len(names) - SHOWN
    rest = [f"… and {more} more that {what}"] if more > 0 else []
    return [f"{name} {what}" for name in names[:SHOWN]] + rest
