"""Percentiles from histogram readings, against the observations themselves."""

import math

from hypothesis import example, given
from hypothesis import strategies as st

from netra_backend.app.operations.quantiles import LatencyWindow, quantile

BOUNDS = (0.001, 0.01, 0.1, 1.0, math.inf)
durations = st.lists(st.floats(0.0001, 0.999), min_size=1, max_size=80)


def buckets(observed: list[float]) -> list[tuple[float, float]]:
    return [(bound, sum(value <= bound for value in observed)) for bound in BOUNDS]


@given(durations, st.floats(0.01, 1.0))
@example([0.0078125], 1.0)  # 0.001 + (0.01 - 0.001) is more than 0.01
def test_a_quantile_lies_in_the_bucket_of_the_observation_it_stands_for(
    observed: list[float], share: float
) -> None:
    found = quantile(buckets(observed), share)
    assert found is not None
    exact = sorted(observed)[max(0, math.ceil(share * len(observed)) - 1)]
    upper = next(bound for bound in BOUNDS if exact <= bound)
    lower = max((bound for bound in BOUNDS if bound < upper), default=0.0)
    assert lower <= found <= upper


def test_nothing_observed_is_nothing_claimed() -> None:
    assert quantile([], 0.5) is None
    assert quantile(buckets([]), 0.5) is None


def test_beyond_the_last_bound_the_last_bound_is_returned() -> None:
    assert quantile(buckets([5.0, 6.0]), 0.5) == 1.0


@given(durations, durations)
def test_a_window_forgets_what_came_before_it(before: list[float], recent: list[float]) -> None:
    window = LatencyWindow(60.0)
    window.read(0.0, buckets(before))
    window.read(30.0, buckets(before))
    late = window.read(90.0, buckets(before + recent))
    assert late["count"] == len(recent)
    alone = quantile(buckets(recent), 0.95)
    assert alone is not None
    assert late["p95Ms"] == round(alone * 1000, 2)


def test_a_window_keeps_what_is_young_enough() -> None:
    window = LatencyWindow(60.0)
    assert window.read(0.0, buckets([]))["p50Ms"] is None
    assert window.read(20.0, buckets([0.005]))["count"] == 1
    assert window.read(40.0, buckets([0.005, 0.05]))["count"] == 2
    assert window.read(85.0, buckets([0.005, 0.05, 0.5]))["count"] == 2
