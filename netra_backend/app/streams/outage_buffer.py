"""A thread's events while the store is unavailable: a local epoch in memory, bounded.

It forks from the last position that the store confirmed and continues its offsets. When the store
answers again, the entries are appended in order. If they get the offsets under which they were
delivered, those positions remain valid for resuming (see ``store.PriorDelivery``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from netra_backend.app.streams.entry import Draft, Entry
from netra_backend.app.streams.resume import StreamPosition, StreamState
from netra_backend.app.streams.store import LOCAL_EPOCH, PriorDelivery

UNKNOWN_BASE = StreamPosition("", 0)  # no position of the thread was known at the outage


@dataclass(slots=True)
class OutageLog:
    """The local continuation of one thread's stream after ``base``."""

    base: StreamPosition
    run_at_base: str | None = None  # the run that was open at ``base``
    epoch: str = field(default_factory=lambda: f"{LOCAL_EPOCH}{uuid4().hex[:16]}")
    entries: list[Entry] = field(default_factory=list)
    _drafts: list[Draft] = field(default_factory=list)
    size: int = 0
    stored: int = 0  # number of ``entries`` that the store already has
    _open_run: str | None = None
    _open_run_offset: int = 0

    @property
    def head(self) -> StreamPosition:
        """The position of a reader that has every entry."""
        return StreamPosition(self.epoch, self.base.offset + len(self.entries))

    @property
    def all_stored(self) -> bool:
        """Whether the store has every entry."""
        return self.stored == len(self.entries)

    def add(self, draft: Draft) -> Entry:
        """Append ``draft`` and return its entry."""
        entry = Entry.placed(draft, self.epoch, self.head.offset + 1)
        self.entries.append(entry)
        self._drafts.append(draft)
        self.size += len(draft.event)
        if draft.terminal:
            if self._open_run == draft.run_id:
                self._open_run = None
        elif self._open_run != draft.run_id and draft.seq == 0:
            # The first events of a run that started earlier are in the unavailable store.
            self._open_run, self._open_run_offset = draft.run_id, entry.offset
        return entry

    def state(self) -> StreamState:
        """Return the state that a resume is planned against."""
        return StreamState(
            epoch=self.epoch,
            head=self.head.offset,
            first=self.base.offset + 1,
            forks={self.base.epoch: self.base.offset} if self.base.epoch else {},
            open_run=self._open_run,
            open_run_offset=self._open_run_offset,
        )

    def after(self, position: StreamPosition) -> Sequence[Entry] | None:
        """Return the entries after ``position``; ``None`` when it is of another history."""
        if position.epoch != self.epoch and position != self.base:
            return None
        return self.entries[position.offset - self.base.offset :]

    def next_for_store(self) -> tuple[Draft, PriorDelivery]:
        """Return the oldest entry that the store lacks, and where it was delivered."""
        entry = self.entries[self.stored]
        return self._drafts[self.stored], PriorDelivery(
            StreamPosition(entry.epoch, entry.offset), self.base
        )
