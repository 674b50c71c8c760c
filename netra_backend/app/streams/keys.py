"""Names of a thread's keys; the hash tag in braces puts all of them into one cluster slot."""

from uuid import UUID

_PREFIX = "netra:{"
_LIVE = "}:live"


def events_key(thread_id: UUID) -> str:
    """Return the key of the thread's stream."""
    return f"netra:{{{thread_id}}}:events"


def meta_key(thread_id: UUID) -> str:
    """Return the key of the thread's epoch, head and forks."""
    return f"netra:{{{thread_id}}}:meta"


def producer_key(thread_id: UUID, producer: str) -> str:
    """Return the key of a producer's last sequence number."""
    return f"netra:{{{thread_id}}}:producer:{producer}"


def live_channel(thread_id: UUID) -> str:
    """Return the sharded channel on which the thread's events are published."""
    return f"{_PREFIX}{thread_id}{_LIVE}"


def thread_of_channel(channel: bytes) -> UUID:
    """Return the thread of a live channel.

    Raises:
        ValueError: not a live channel of a thread.
    """
    return UUID(channel.decode().removeprefix(_PREFIX).removesuffix(_LIVE))
