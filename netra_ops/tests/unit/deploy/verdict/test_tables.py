from math import comb, exp, isclose

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from netra_ops.deploy.verdict.tables import Table, log_choose, log_likelihood_ratios, log_sum

SIZES = st.integers(0, 30)
ODDS = st.sampled_from([1.5, 2.0, 4.0, 16.0])


def chance(table: Table, odds: float) -> float:
    """The noncentral hypergeometric probability of the table, computed naively."""
    failed = table.baseline_failed + table.canary_failed
    total = sum(
        comb(table.canary, n) * comb(table.baseline, failed - n) * odds**n
        for n in range(failed + 1)
    )
    ways = comb(table.canary, table.canary_failed) * comb(table.baseline, table.baseline_failed)
    return float(ways * odds**table.canary_failed / total)


@given(SIZES, SIZES, SIZES, SIZES, ODDS)
def test_it_is_the_ratio_of_the_two_hypergeometric_probabilities(
    baseline: int, canary: int, failed_there: int, failed_here: int, odds: float
) -> None:
    assume(failed_there <= baseline)
    assume(failed_here <= canary)
    table = Table(baseline, failed_there, canary, failed_here)

    ratio = exp(log_likelihood_ratios(table, [odds])[0])

    assert isclose(ratio, chance(table, odds) / chance(table, 1.0), rel_tol=1e-9)


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 20), ODDS)
def test_its_expectation_is_one_when_both_arms_fail_alike(
    baseline: int, canary: int, failed: int, odds: float
) -> None:
    assume(failed <= baseline + canary)
    tables = [
        Table(baseline, failed - here, canary, here)
        for here in range(max(0, failed - baseline), min(failed, canary) + 1)
    ]

    expectation = sum(chance(t, 1.0) * exp(log_likelihood_ratios(t, [odds])[0]) for t in tables)

    assert isclose(expectation, 1.0, rel_tol=1e-9)


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 20), ODDS, st.floats(0.05, 1.0))
def test_its_expectation_is_at_most_one_when_the_canary_fails_less(
    baseline: int, canary: int, failed: int, odds: float, truth: float
) -> None:
    assume(failed <= baseline + canary)
    tables = [
        Table(baseline, failed - here, canary, here)
        for here in range(max(0, failed - baseline), min(failed, canary) + 1)
    ]

    expectation = sum(chance(t, truth) * exp(log_likelihood_ratios(t, [odds])[0]) for t in tables)

    assert expectation <= 1 + 1e-9


def test_one_arm_alone_and_no_failure_say_nothing() -> None:
    assert log_likelihood_ratios(Table(10, 3, 0, 0), [2.0]) == (0.0,)
    assert log_likelihood_ratios(Table(0, 0, 10, 3), [2.0]) == (0.0,)
    assert log_likelihood_ratios(Table(10, 0, 10, 0), [2.0]) == (0.0,)


@pytest.mark.parametrize("counts", [(1, 2, 1, 0), (1, 0, 1, 2), (1, -1, 1, 0)])
def test_impossible_counts_are_refused(counts: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="failures of"):
        Table(*counts)


def test_the_logarithms_do_not_overflow() -> None:
    assert isclose(log_choose(5, 2), 2.302585092994046)
    assert log_sum([]) == float("-inf")
    assert isclose(log_sum([1000.0, 1000.0]), 1000.6931471805599)
