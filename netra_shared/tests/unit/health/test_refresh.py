import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from netra_shared.health.refresh import GRACE_SECONDS, Refresh


@given(st.booleans())
def test_a_pause_differs_by_at_most_the_jitter(failing: bool) -> None:  # noqa: FBT001  # drawn
    refresh = Refresh()
    base = refresh.failing_interval_seconds if failing else refresh.interval_seconds
    assert (
        base * (1 - refresh.jitter) <= refresh.pause(failing=failing) <= base * (1 + refresh.jitter)
    )


def test_the_defaults_detect_a_fault_in_time() -> None:
    assert Refresh().longest_pause_seconds < GRACE_SECONDS


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"failing_interval_seconds": 0.9, "interval_seconds": 0.5}, "failing_interval_seconds"),
        ({"interval_seconds": 1.0, "jitter": 0.2}, "must be below"),
        ({"hold_seconds": 5.0, "max_hold_seconds": 2.0}, "max_hold_seconds"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_intervals_that_break_a_bound_are_refused(changes: dict[str, float], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Refresh.model_validate(changes)
