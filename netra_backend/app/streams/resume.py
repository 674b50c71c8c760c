"""The resume rule: from what a client has to what it must get. Pure.

A stream's events are numbered from 1 without holes. An epoch names one history: within an epoch
an offset means the same event to everyone, for ever. When the store restarts or fails over, it
may have lost its last moments, and the numbers that follow could be given to other events; so
it begins a new epoch that *forks* from the old one at the last event it still has. A position
in the old epoch up to the fork means the same in the new one and can be resumed; a position
beyond it saw events that no longer exist, and cannot.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class StreamPosition:
    """The last event that someone has; offset 0 precedes the first."""

    epoch: str
    offset: int


@dataclass(frozen=True, slots=True)
class StreamState:
    """What a stream holds now.

    Args:
        epoch: the present history.
        head: offset of the last event, 0 before the first.
        first: offset of the oldest event still kept, ``head + 1`` when none is.
        forks: earlier epochs, each with the last offset that means the same in this one.
        open_run: the run that has begun and not ended in the stream.
        open_run_offset: where that run's first event stands.
    """

    epoch: str
    head: int
    first: int
    forks: Mapping[str, int] = field(default_factory=dict)
    open_run: str | None = None
    open_run_offset: int = 0

    @property
    def position(self) -> StreamPosition:
        """The position of a reader that has everything."""
        return StreamPosition(self.epoch, self.head)

    def shared_through(self, epoch: str) -> int | None:
        """Return the last offset of ``epoch`` that means the same here; ``None``: unrelated."""
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
        position: what the client names; ``None`` when it has nothing yet.
        state: the stream as it is.
        unrelated: the reason when the position is of a history that ``state`` does not know.

    A client that is not recovered reloads the history, which holds every finished run; so it
    gets the run that is open from its beginning, else only what is to come.
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
