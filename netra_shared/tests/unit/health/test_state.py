"""Hysteresis: quick to fall, quick to recover once, slow for one that flaps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from netra_shared.health.check import CheckResult
from netra_shared.health.refresh import Refresh
from netra_shared.health.state import CheckState, Hysteresis, observe

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
DEFAULT = Refresh().hysteresis


def result(passed: bool, at: float) -> CheckResult:  # noqa: FBT001  reads as a table in the tests
    return CheckResult(passed, 0.01, 1, "" if passed else "refused", at, EPOCH + timedelta(0, at))


def history(
    results: list[tuple[bool, float]], hysteresis: Hysteresis = DEFAULT
) -> list[CheckState]:
    states = [CheckState()]
    for passed, at in results:
        states.append(observe(states[-1], result(passed, at), hysteresis))
    return states[1:]


def changes(states: list[CheckState]) -> int:
    return sum(a.passing is not b.passing for a, b in pairwise(states))


def test_the_first_result_is_believed() -> None:
    assert [state.passing for state in history([(True, 0)])] == [True]
    assert [state.passing for state in history([(False, 0)])] == [False]


def test_one_failure_falls_and_two_passes_recover() -> None:
    states = history([(True, 0), (False, 1), (True, 1.4), (True, 1.8)])
    assert [state.passing for state in states] == [True, False, False, True]
    assert states[1].changed_at == 1
    assert states[3].changed_time == EPOCH + timedelta(seconds=1.8)


def test_a_pass_followed_by_a_failure_starts_the_streak_again() -> None:
    states = history([(False, 0), (True, 1), (False, 2), (True, 3), (True, 3.4)])
    assert [state.passing for state in states] == [False] * 4 + [True]


def test_more_failures_can_be_demanded() -> None:
    patient = replace(DEFAULT, failures_to_fall=3)
    answers = [True, False, False, True, False, False, False]
    states = history([(passed, float(at)) for at, passed in enumerate(answers)], patient)
    assert [state.passing for state in states] == [True] * 6 + [False]


def test_a_second_fall_demands_unbroken_passing() -> None:
    before = [(True, 0.0), (False, 1.0), (True, 1.4), (True, 1.8), (False, 2.5)]
    steady = [(True, 3.0 + 0.5 * step) for step in range(6)]
    states = history(before + steady)
    assert states[4].passing is False
    recovered = next(state for state in states[5:] if state.passing)
    assert recovered.changed_at - 3.0 >= DEFAULT.hold_seconds


def test_falls_are_forgotten_after_the_window() -> None:
    late = DEFAULT.flap_window_seconds + 2
    first = [(True, 0.0), (False, 1.0), (True, 2.0), (True, 3.0)]
    second = [(False, late), (True, late + 0.4), (True, late + 0.8)]
    states = history(first + second)
    assert states[-1].passing is True


def test_the_hold_doubles_up_to_its_bound() -> None:
    assert [DEFAULT.hold(falls) for falls in range(6)] == [0, 0, 1.5, 3, 5, 5]


@given(st.lists(st.tuples(st.booleans(), st.floats(0.05, 3)), max_size=200))
def test_no_sequence_of_results_flaps_faster_than_the_hold_allows(
    steps: list[tuple[bool, float]],
) -> None:
    at, results = 0.0, []
    for passed, pause in steps:
        at += pause
        results.append((passed, at))
    states = history(results)
    recoveries = [
        after.changed_at
        for before, after in pairwise(states)
        if after.passing and before.passing is False
    ]
    # Within one flap window: one free recovery, then each costs its hold: 1.5 + 3 + 5 + 5 ... s.
    for start in recoveries:
        within = [r for r in recoveries if start <= r < start + DEFAULT.flap_window_seconds]
        assert len(within) <= 3 + DEFAULT.flap_window_seconds / DEFAULT.max_hold_seconds


def test_flapping_every_second_settles_on_failing() -> None:
    results, at = [(True, 0.0)], 1.0
    while at < 20:
        up = int(at) % 2 == 0
        results.append((up, at))
        at += 0.4
    states = history(results)
    assert changes(states) <= 3
    assert states[-1].passing is False


@given(st.lists(st.booleans(), max_size=60), st.floats(0.1, 0.5))
def test_a_dependency_that_stays_up_is_believed_within_the_longest_hold(
    noise: list[bool], pause: float
) -> None:
    results = [(passed, index * pause) for index, passed in enumerate(noise)]
    up_from = len(noise) * pause
    steady = int((DEFAULT.max_hold_seconds + 3 * pause) / pause) + 1
    results += [(True, up_from + index * pause) for index in range(steady)]
    assert history(results)[-1].passing is True
