"""What a reader that reloaded the history must not be shown again, or not in part. Pure.

The stream continues from somewhere, the stored history ends somewhere else, and the two may
overlap: a run can have ended in the history and still be on its way through the stream; or the
stream continues in the middle of a run whose beginning is no longer kept.
"""

from dataclasses import dataclass, field
from enum import Enum, auto
from uuid import UUID

from netra_client.events import ThreadEvent


class Showing(Enum):
    """What to do with an event."""

    SHOW = auto()
    HIDE = auto()
    RELOAD = auto()  # a run of which nothing was shown has ended: the history has it whole now


@dataclass(slots=True)
class AfterReset:
    """The runs to hide; nothing before the first reset."""

    _ended: frozenset[UUID] = frozenset()
    _headless: UUID | None = None
    _nothing_shown: bool = field(default=False)

    def start(self, ended_runs: frozenset[UUID]) -> None:
        """Note that the history was reloaded, with the answers of ``ended_runs`` in it."""
        self._ended = ended_runs
        self._headless = None
        self._nothing_shown = True

    def judge(self, event: ThreadEvent) -> Showing:
        """Return what to do with the next event."""
        if event.run_id in self._ended:
            return Showing.HIDE
        if self._nothing_shown and event.type != "RUN_STARTED":
            self._headless = event.run_id
        self._nothing_shown = False
        if event.run_id != self._headless:
            return Showing.SHOW
        if not event.is_terminal:
            return Showing.HIDE
        self._headless = None
        return Showing.RELOAD
