"""One run's publishing on this instance: its numbering and its latest events."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from netra_backend.app.streams.entry import Draft
from netra_backend.app.streams.feed import ThreadFeed
from netra_backend.app.streams.resume import StreamPosition
from netra_backend.app.streams.store import Told


@dataclass(eq=False)
class Producer:
    """Numbers a run's events from 0 and remembers the latest with where they were shown.

    The name is new for every instance that publishes for the run: a run that is recovered
    elsewhere begins its own numbering.
    """

    feed: ThreadFeed
    run_id: UUID
    keep: int
    name: str = ""
    next_seq: int = 0
    ended_at: float | None = None
    given_up: bool = False  # the store lost its events and their places; the database has the run
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.name = f"{self.run_id}.{uuid4().hex[:8]}"
        self._recent: deque[tuple[Draft, StreamPosition]] = deque(maxlen=self.keep)

    def draft(self, event: bytes, *, terminal: bool) -> Draft:
        """Return ``event`` under the next number; the number is spent by ``remember``."""
        return Draft(self.name, self.next_seq, str(self.run_id), terminal, event)

    def remember(self, draft: Draft, position: StreamPosition) -> None:
        """Keep ``draft`` for repairs; it was shown at ``position``."""
        self.next_seq = draft.seq + 1
        self._recent.append((draft, position))

    def moved(self, seq: int, position: StreamPosition) -> None:
        """Note where the store has put an event that was shown elsewhere before."""
        for index, (draft, _) in enumerate(self._recent):
            if draft.seq == seq:
                self._recent[index] = (draft, position)
                return

    def since(self, last: int) -> list[tuple[Draft, Told]]:
        """Return what follows number ``last``, each with how it was shown."""
        found: list[tuple[Draft, Told]] = []
        previous: StreamPosition | None = None
        for draft, position in self._recent:
            parent = previous or StreamPosition(position.epoch, position.offset - 1)
            previous = position
            if draft.seq > last:
                found.append((draft, Told(position, parent)))
        return found
