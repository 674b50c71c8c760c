"""Cursors."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_backend.app.threads.cursor import (
    PositionCursor,
    TimeCursor,
    decode_position_cursor,
    decode_time_cursor,
    encode_cursor,
)
from netra_backend.app.threads.errors import CursorInvalid


def test_a_time_cursor_keeps_microseconds() -> None:
    cursor = TimeCursor(datetime(2026, 11, 23, 1, 2, 3, 456789, tzinfo=UTC), uuid4())
    assert decode_time_cursor(encode_cursor(cursor)) == cursor


@given(st.integers(min_value=0, max_value=2**63 - 1))
def test_a_position_cursor_comes_back(position: int) -> None:
    assert decode_position_cursor(encode_cursor(PositionCursor(position))).position == position


@pytest.mark.parametrize("position", [-1, 2**63])
def test_positions_that_no_row_has_are_refused(position: int) -> None:
    with pytest.raises(CursorInvalid):
        decode_position_cursor(encode_cursor(PositionCursor(position)))


@pytest.mark.parametrize(
    "at",
    [
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_times_that_the_database_cannot_hold_are_refused(at: datetime) -> None:
    with pytest.raises(CursorInvalid):
        decode_time_cursor(encode_cursor(TimeCursor(at, uuid4())))


def test_one_kind_is_not_taken_for_the_other() -> None:
    with pytest.raises(CursorInvalid):
        decode_time_cursor(encode_cursor(PositionCursor(1)))


@given(st.text(max_size=300))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(CursorInvalid):
        decode_time_cursor(text)
