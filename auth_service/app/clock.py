"""The time, as an argument: rules take ``now``, services take a clock."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the aware present time."""
    return datetime.now(UTC)
