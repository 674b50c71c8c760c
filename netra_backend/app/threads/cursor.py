"""Opaque keyset cursors: where a listing stopped, as the values of its sort key.

A cursor grants nothing: every query filters by owner as well, so a forged one only moves the
caller within their own rows.
"""

import base64
import binascii
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import msgspec

from netra_backend.app.threads.errors import CursorInvalid

MAX_CURSOR_CHARACTERS = 200

_Cursor = TypeVar("_Cursor", bound=msgspec.Struct)


class TimeCursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Position in a listing sorted by time, newest first; ``id`` breaks ties."""

    at: datetime
    id: UUID


class PositionCursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Position in a thread's messages."""

    position: int


def encode_cursor(cursor: TimeCursor | PositionCursor) -> str:
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


def decode_position_cursor(text: str) -> PositionCursor:
    """Parse what ``encode_cursor`` made of a ``PositionCursor``.

    Raises:
        CursorInvalid: it is anything else.
    """
    cursor = _decode(text, PositionCursor)
    if not 0 <= cursor.position < 2**63:  # bigint
        raise CursorInvalid("The cursor was not made by this listing.")
    return cursor


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
