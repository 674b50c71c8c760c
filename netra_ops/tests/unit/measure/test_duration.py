"""Durations as people type them."""

import pytest

from netra_ops.measure.duration import parse_duration, show_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60s", 60), ("90", 90), ("5m", 300), ("1h30m", 5400), ("250ms", 0.25), (" 2M ", 120)],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "-5s", "0s", "five", "1x", "5m extra", "2 m"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no duration|not above 0"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"), [(12, "12s"), (90, "1m30s"), (3720, "1h02m"), (0.4, "0s")]
)
def test_durations_are_shown_short(seconds: float, text: str) -> None:
    assert show_duration(seconds) == text
