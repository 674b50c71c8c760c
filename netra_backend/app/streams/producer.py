"""The producer of one run on this instance: sequence numbers and the latest events."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from netra_backend.app.streams.entry import Draft
from netra_backend.app.streams.feed import ThreadFeed
from netra_backend.app.streams.resume import StreamPosition
from netra_backend.app.streams.store import PriorDelivery


@dataclass(eq=False)
class Producer:
    """Numbers a run's events from 0 and keeps the latest with their delivered positions.

    The name is unique per instance that publishes for the run: after a recovery on another
    instance the run has a new producer, whose numbers start at 0.
    """

    feed: ThreadFeed
    run_id: UUID
    keep: int
    name: str = ""
    next_seq: int = 0
    ended_at: float | None = None
    abandoned: bool = False  # the store lost its events and offsets; the database has the run
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.name = f"{self.run_id}.{uuid4().hex[:8]}"
        self._recent: deque[tuple[Draft, StreamPosition]] = deque(maxlen=self.keep)

    def draft(self, event: bytes, *, terminal: bool) -> Draft:
        """Return ``event`` with the next number; ``remember`` consumes the number."""
        return Draft(self.name, self.next_seq, str(self.run_id), terminal, event)

    def remember(self, draft: Draft, position: StreamPosition) -> None:
        """Keep ``draft`` for repairs; it was delivered at ``position``."""
        self.next_seq = draft.seq + 1
        self._recent.append((draft, position))

    def moved(self, seq: int, position: StreamPosition) -> None:
        """Record where the store has placed an event that was delivered at another position."""
        for index, (draft, _) in enumerate(self._recent):
            if draft.seq == seq:
                self._recent[index] = (draft, position)
                return

    def since(self, last: int) -> list[tuple[Draft, PriorDelivery]]:
        """Return the events after number ``last``, each with where it was delivered."""
        found: list[tuple[Draft, PriorDelivery]] = []
        previous: StreamPosition | None = None
        for draft, position in self._recent:
            parent = previous or StreamPosition(position.epoch, position.offset - 1)
            previous = position
            if draft.seq > last:
                found.append((draft, PriorDelivery(position, parent)))
        return found
