"""The rule that makes a thread's events gapless and free of duplicates, without I/O.

A thread is one ordered stream: events carry ``{epoch, offset}``, and offsets grow by one. A new
epoch means that the server's store was lost or restarted: while the offset continues by one, the
history continues too. The client's whole memory is the position of the last event that it handed
on. After every reconnect it names that position, and the server answers with either exactly what
was missed (``recovered``) or where a fresh start starts; then, and only then, the reader must
reload the history.
"""

from dataclasses import dataclass, field
from enum import Enum, auto
from uuid import UUID

# A server that cannot fill the same gap three times will not fill it the fourth time: start again.
MAX_REPAIRS_WITHOUT_PROGRESS = 3


@dataclass(frozen=True, slots=True)
class Position:
    """The last event that a reader had. ``offset`` is 0 before the first event."""

    epoch: str
    offset: int


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The server's answer to a subscription; events start after ``position``."""

    position: Position
    recovered: bool
    reason: str | None = None
    active_run_id: UUID | None = None


class Verdict(Enum):
    """What to do with an arriving event."""

    DELIVER = auto()
    DUPLICATE = auto()  # seen before: drop it
    GAP = auto()  # something is missing before it: subscribe again from the cursor's position
    UNEXPECTED = auto()  # no subscription is live: an event of the one before, still in flight


@dataclass(slots=True)
class Cursor:
    """The position of the reader of one thread.

    Args:
        position: None before the first answer of the server, else the last event handed on.
    """

    position: Position | None = None
    live: bool = field(default=False, init=False)
    _repairs: int = field(default=0, init=False)

    @property
    def request(self) -> Position | None:
        """The position to name in the next subscription; None asks for a fresh start."""
        return None if self._repairs > MAX_REPAIRS_WITHOUT_PROGRESS else self.position

    def subscribed(self, answer: Subscribed) -> str | None:
        """Take the server's answer.

        Returns:
            The reason why the history must be reloaded, or None when nothing was missed (or
            nothing had been shown yet).
        """
        before = self.position
        self.live = True
        if before is None:
            self.position = answer.position
            return None
        if answer.recovered:
            # An older start only repeats what the offsets will show to be duplicates; a newer
            # one would skip events that the server claims to have sent.
            if answer.position.offset > before.offset:
                return self._reset(answer.position, "gap")
            if answer.position.epoch == before.epoch:
                return None
            if answer.position.offset == before.offset:
                self.position = answer.position  # the same place in the history that continues
                return None
        return self._reset(answer.position, answer.reason or "epoch_changed")

    def offer(self, epoch: str, offset: int) -> Verdict:
        """Judge an arriving event; the cursor moves only on ``DELIVER`` (see ``delivered``)."""
        if not self.live or self.position is None:
            return Verdict.UNEXPECTED
        if offset == self.position.offset + 1:
            return Verdict.DELIVER
        if epoch == self.position.epoch and offset <= self.position.offset:
            return Verdict.DUPLICATE
        return self._gap()

    def delivered(self, epoch: str, offset: int) -> None:
        """Note that the event was handed on."""
        self.position = Position(epoch, offset)
        self._repairs = 0

    def detach(self) -> None:
        """Note that the connection, or the reader's room for events, is gone."""
        self.live = False

    def _gap(self) -> Verdict:
        self.live = False
        self._repairs += 1
        return Verdict.GAP

    def _reset(self, position: Position, reason: str) -> str:
        self.position = position
        self._repairs = 0
        return reason
