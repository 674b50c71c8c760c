"""A run is green only when everything ran, passed, and nothing was hidden."""

from dataclasses import replace

import pytest

from test_framework.integrity.finding import Finding
from test_framework.outcomes import Outcomes, TestOutcome
from test_framework.runner.verdict import SHOWN, Run, problems, ran_by_category
from test_framework.skip_reasons import AcceptedSkip

PASSED = TestOutcome("tests/unit/test_x.py::test_a", "unit", "passed", 0.1)
GREEN = Run(
    outcomes=Outcomes((PASSED,), frozenset({PASSED.nodeid})),
    exit_status=0,
    categories=("unit",),
    floors={"unit": 1},
)


def with_tests(*tests: TestOutcome, collected: frozenset[str] | None = None) -> Run:
    names = frozenset(test.nodeid for test in tests) if collected is None else collected
    return replace(GREEN, outcomes=Outcomes(tests, names))


def test_all_passed_is_green() -> None:
    assert problems(GREEN) == []


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (replace(GREEN, timed_out=True), "deadline of the whole run"),
        (replace(GREEN, outcomes=None, exit_status=-9), "status -9 before it could report"),
        (replace(GREEN, outcomes=Outcomes(), exit_status=5), "nothing was collected"),
        (replace(GREEN, exit_status=1), "pytest ended with status 1"),
        (replace(GREEN, floors={"unit": 2}), "only 1 unit tests ran; the floor is 2"),
        (with_tests(replace(PASSED, result="failed")), "test_a failed"),
        (
            with_tests(PASSED, collected=frozenset({PASSED.nodeid, "test_b"})),
            "test_b was collected but never ran",
        ),
        (
            with_tests(PASSED, replace(PASSED, nodeid="s", result="skipped", detail="flaky")),
            "s (skipped: flaky) is skipped or expected to fail for no reason on file",
        ),
        (
            with_tests(PASSED, replace(PASSED, nodeid="s", result="xfailed", detail="")),
            "s (xfailed: no reason) is skipped or expected to fail",
        ),
        (
            replace(GREEN, findings=[Finding("tests/x.py", 3, "no-mock", "imports mock")]),
            "tests/x.py:3: no-mock: imports mock breaks an integrity rule",
        ),
        (
            replace(GREEN, outcomes=Outcomes((PASSED,), frozenset({PASSED.nodeid}), ("t.py",))),
            "t.py could not be collected",
        ),
    ],
)
def test_each_way_of_not_being_green_is_named(run: Run, words: str) -> None:
    assert any(words in problem for problem in problems(run))


def test_skips_with_an_issue_or_on_file_are_fine_and_do_not_count_as_run() -> None:
    skips = (
        replace(PASSED, nodeid="a", result="skipped", detail="broken since #12"),
        replace(PASSED, nodeid="b", result="skipped", detail="needs Linux"),
    )
    run = with_tests(PASSED, *skips)
    accepted = (AcceptedSkip("needs Linux", "CI has it"),)
    assert problems(replace(run, accepted=accepted)) == []
    floored = problems(replace(run, accepted=accepted, floors={"unit": 2}))
    assert floored == ["only 1 unit tests ran; the floor is 2 (tests/floors.toml)"]


def test_a_test_counts_for_every_category_that_it_is_in() -> None:
    both = replace(PASSED, also=("mission_critical",))
    assert ran_by_category(Outcomes((both,))) == {"unit": 1, "mission_critical": 1}


def test_a_long_list_is_cut_and_says_so() -> None:
    failed = [replace(PASSED, nodeid=f"t{n}", result="failed") for n in range(SHOWN + 3)]
    found = problems(with_tests(*failed))
    assert found[SHOWN] == "… and 3 more that failed"
