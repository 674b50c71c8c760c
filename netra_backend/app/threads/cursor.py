"""Opaque keyset cursors: where a listing stopped, as the values of its sort key.

A cursor grants nothing: every query filters by owner as well, so a forged one only moves the
caller within their own rows.
"""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import msgspec

from netra_backend.app.threads.errors import CursorInvalid
from netra_backend.app.threads.values import Thread

MAX_CURSOR_CHARACTERS = 200
MAX_SWEEPS = 3  # a thread that is used without pause must not make a listing endless
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)

_Cursor = TypeVar("_Cursor", bound=msgspec.Struct)


class TimeCursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Position in a listing sorted by time, newest first; ``id`` breaks ties."""

    at: datetime
    id: UUID


class ListingCursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Position in a listing whose rows move to its start while it is paged.

    The listing is read in sweeps: after the last row, rows that have moved above ``top`` meanwhile
    are listed in another sweep. Times are in microseconds since 1970, UTC.

    Attributes:
        at: time of the last row, None before the first row of a sweep.
        id: of the last row; it breaks ties.
        floor: only later rows belong to this sweep; None for the first.
        top: the latest time of this sweep; None before its first row.
        sweep: number of sweeps before this one.
    """

    at: int | None
    id: UUID
    floor: int | None
    top: int | None
    sweep: int


class PositionCursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Position in a thread's messages."""

    position: int


def microseconds(at: datetime) -> int:
    """Return ``at`` in microseconds since 1970; exact, unlike ``timestamp``."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_microseconds(count: int) -> datetime:
    """Return what ``microseconds`` made ``count`` of."""
    return _EPOCH + timedelta(microseconds=count)


def encode_cursor(cursor: TimeCursor | ListingCursor | PositionCursor) -> str:
    """Return ``cursor`` as unpadded base64url text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def decode_time_cursor(text: str) -> TimeCursor:
    """Parse what ``encode_cursor`` made of a ``TimeCursor``.

    Raises:
        CursorInvalid: it is anything else.
    """
    cursor = _decode(text, TimeCursor)
    try:
        return TimeCursor(cursor.at.astimezone(UTC), cursor.id)
    except OverflowError as error:  # a zone before the first or behind the last day
        raise CursorInvalid("The cursor was not made by this listing.") from error


def decode_listing_cursor(text: str) -> ListingCursor:
    """Parse what ``encode_cursor`` made of a ``ListingCursor``.

    Raises:
        CursorInvalid: it is anything else.
    """
    cursor = _decode(text, ListingCursor)
    times = (time for time in (cursor.at, cursor.floor, cursor.top) if time is not None)
    if not all(0 <= time <= _LATEST for time in times):
        raise CursorInvalid("The cursor was not made by this listing.")
    return cursor


def decode_position_cursor(text: str) -> PositionCursor:
    """Parse what ``encode_cursor`` made of a ``PositionCursor``.

    Raises:
        CursorInvalid: it is anything else.
    """
    cursor = _decode(text, PositionCursor)
    if not 0 <= cursor.position < 2**63:  # bigint
        raise CursorInvalid("The cursor was not made by this listing.")
    return cursor


def next_place(
    before: ListingCursor | None, found: Sequence[Thread], *, more: bool
) -> ListingCursor | None:
    """Return where a listing continues after a page, None at its end.

    Args:
        before: where the page started; None for the first page.
        found: the threads of the page.
        more: whether the sweep has further rows. Otherwise the next sweep starts, in which the
            caller looks for rows; a listing of one page needs none.
    """
    sweep = before.sweep if before else 0
    top = before.top if before else None
    if top is None and found:
        top = microseconds(found[0].updated_at)
    if more:
        last = found[-1]
        floor = before.floor if before else None
        return ListingCursor(microseconds(last.updated_at), last.id, floor, top, sweep)
    one_page = before is None or before.at is None
    if top is None or one_page or sweep >= MAX_SWEEPS:
        return None
    return ListingCursor(None, UUID(int=0), top, None, sweep + 1)


def _decode(text: str, kind: type[_Cursor]) -> _Cursor:
    if len(text) > MAX_CURSOR_CHARACTERS:
        raise CursorInvalid("The cursor is too long.")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        cursor = msgspec.json.decode(raw, type=kind)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise CursorInvalid("The cursor was not made by this listing.") from error
    if isinstance(cursor, TimeCursor) and cursor.at.tzinfo is None:
        raise CursorInvalid("The cursor was not made by this listing.")
    return cursor
