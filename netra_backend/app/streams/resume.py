"""The resume rule: from a client's position to the events that it must get. Pure.

A stream's events are numbered from 1 without gaps. An epoch names one history: within an epoch
an offset always identifies the same event. When the store restarts or fails over, it may have
lost its latest events, and their offsets could be given to other events. It therefore starts a
new epoch that *forks* from the old one at the last event that it still has. A position in the old
epoch up to the fork identifies the same event in the new one and can be resumed. A position
beyond the fork refers to lost events and cannot be resumed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class StreamPosition:
    """The last event that a reader has; offset 0 precedes the first."""

    epoch: str
    offset: int


@dataclass(frozen=True, slots=True)
class StreamState:
    """The state of a stream.

    Args:
        epoch: the current epoch.
        head: offset of the last event, 0 before the first.
        first: offset of the oldest event still kept, ``head + 1`` when none is.
        forks: earlier epochs, each with the last offset that it shares with this one.
        open_run: the run that has started and not ended in the stream.
        open_run_offset: the offset of that run's first event.
    """

    epoch: str
    head: int
    first: int
    forks: Mapping[str, int] = field(default_factory=dict)
    open_run: str | None = None
    open_run_offset: int = 0

    @property
    def position(self) -> StreamPosition:
        """The position of a reader that has every event."""
        return StreamPosition(self.epoch, self.head)

    def shared_through(self, epoch: str) -> int | None:
        """Return the last offset that ``epoch`` shares with this one; ``None``: unrelated."""
        return self.head if epoch == self.epoch else self.forks.get(epoch)


class NotRecovered(StrEnum):
    """Why a client must reload the thread's history."""

    NO_POSITION = "no_position"
    TRIMMED = "trimmed"
    EPOCH_CHANGED = "epoch_changed"
    STORE_LOST = "store_lost"


@dataclass(frozen=True, slots=True)
class ResumePlan:
    """Deliver everything after ``start``; ``reason`` is ``None`` when nothing was missed."""

    start: StreamPosition
    reason: NotRecovered | None

    @property
    def recovered(self) -> bool:
        """Whether the events after ``start`` are exactly those that the client misses."""
        return self.reason is None


def plan_resume(
    position: StreamPosition | None,
    state: StreamState,
    *,
    unrelated: NotRecovered = NotRecovered.EPOCH_CHANGED,
) -> ResumePlan:
    """Return where delivery starts for a client that has ``position``.

    Args:
        position: the client's last position; ``None`` when it has none.
        state: the current state of the stream.
        unrelated: the reason for a position of an unknown epoch.

    A client that is not recovered reloads the history, which contains every finished run. It
    then gets the open run from its first event, or only future events when no run is open.
    """
    reason = _why_not(position, state, unrelated)
    if position is not None and reason is None:
        return ResumePlan(StreamPosition(state.epoch, position.offset), None)
    start = state.head
    if state.open_run is not None and state.open_run_offset >= state.first:
        start = state.open_run_offset - 1
    return ResumePlan(StreamPosition(state.epoch, start), reason)


def _why_not(
    position: StreamPosition | None, state: StreamState, unrelated: NotRecovered
) -> NotRecovered | None:
    if position is None:
        return NotRecovered.NO_POSITION
    shared = state.shared_through(position.epoch)
    if shared is None or position.offset > shared:
        return unrelated
    if position.offset + 1 < state.first:
        return NotRecovered.TRIMMED
    return None
