"""Histograms keep three digits, and merging loses nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.measure.latencies import Latencies

SECONDS = st.floats(min_value=1e-6, max_value=3600.0)


def of(samples: list[float]) -> Latencies:
    latencies = Latencies()
    for seconds in samples:
        latencies.record(seconds)
    return latencies


@given(st.lists(SECONDS, min_size=1, max_size=50), st.lists(SECONDS, max_size=50))
def test_merging_equals_recording_everything_in_one(ours: list[float], theirs: list[float]) -> None:
    merged = of(ours)
    merged.merge(Latencies.decode(of(theirs).encode()))
    whole = of(ours + theirs)
    assert merged.summary() == whole.summary()
    assert merged.count == len(ours) + len(theirs)


@given(SECONDS)
def test_a_sample_keeps_three_digits(seconds: float) -> None:
    assert of([seconds]).percentile(50) == pytest.approx(seconds, rel=1e-3, abs=1e-6)


def test_what_is_out_of_range_is_counted_at_the_bound() -> None:
    latencies = of([0.0, -1.0, 1e9])
    assert latencies.count == 3
    assert latencies.longest == pytest.approx(3600, rel=1e-3)


def test_without_samples_there_are_no_percentiles() -> None:
    assert Latencies().summary() == {
        "count": 0, "p50Ms": None, "p95Ms": None, "p99Ms": None, "p999Ms": None, "maxMs": None,
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "no", "SGVsbG8="])
def test_what_is_no_histogram_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an encoded histogram"):
        Latencies.decode(text)
