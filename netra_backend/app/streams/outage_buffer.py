"""A thread's events while the store is away: an epoch of its own, in memory, bounded.

It forks from the last position that the store confirmed and goes on counting from there. When
the store is back, the entries are appended in order; if they get the numbers they were told
under, positions told meanwhile stay good for resuming (see ``store.Told``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from netra_backend.app.streams.entry import Draft, Entry
from netra_backend.app.streams.resume import StreamPosition, StreamState
from netra_backend.app.streams.store import LOCAL_EPOCH, Told

UNKNOWN_BASE = StreamPosition("", 0)  # nothing of this thread was known when the store went away


@dataclass(slots=True)
class OutageLog:
    """The local continuation of one thread's stream after ``base``."""

    base: StreamPosition
    run_before: str | None = None  # the run that was open at ``base``
    epoch: str = field(default_factory=lambda: f"{LOCAL_EPOCH}{uuid4().hex[:16]}")
    entries: list[Entry] = field(default_factory=list)
    _drafts: list[Draft] = field(default_factory=list)
    size: int = 0
    stored: int = 0  # how many of ``entries`` the store has by now
    _open_run: str | None = None
    _open_run_offset: int = 0

    @property
    def head(self) -> StreamPosition:
        """The position of a reader that has everything."""
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
            # A run that began before the outage has its beginning in the store, out of reach.
            self._open_run, self._open_run_offset = draft.run_id, entry.offset
        return entry

    def state(self) -> StreamState:
        """Return what a resuming client is measured against."""
        return StreamState(
            epoch=self.epoch,
            head=self.head.offset,
            first=self.base.offset + 1,
            forks={self.base.epoch: self.base.offset} if self.base.epoch else {},
            open_run=self._open_run,
            open_run_offset=self._open_run_offset,
        )

    def after(self, position: StreamPosition) -> Sequence[Entry] | None:
        """Return the entries after ``position``; ``None`` when it is not of this history."""
        if position.epoch != self.epoch and position != self.base:
            return None
        return self.entries[position.offset - self.base.offset :]

    def next_for_store(self) -> tuple[Draft, Told]:
        """Return the oldest entry that the store lacks, and how it was shown."""
        entry = self.entries[self.stored]
        return self._drafts[self.stored], Told(StreamPosition(entry.epoch, entry.offset), self.base)
