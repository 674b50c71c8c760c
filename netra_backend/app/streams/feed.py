"""One thread's stream on this instance: its position, its subscriptions and the fan-out. No I/O.

A feed delivers each event to its live subscriptions exactly once and in order. An offset that
is not the next one reveals a gap, which the hub then fills from the store.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Protocol
from uuid import UUID

from netra_backend.app.streams.entry import Draft, Encoder, Entry
from netra_backend.app.streams.metrics import EVENTS_DELIVERED
from netra_backend.app.streams.outage_buffer import UNKNOWN_BASE, OutageLog
from netra_backend.app.streams.resume import StreamPosition
from netra_backend.app.streams.store import Continuation

MAX_PRODUCERS = 64  # a thread has one run at a time, so few producers overlap


class EventSink(Protocol):
    """Where a subscription's notifications go: one connection's outbound queue."""

    @property
    def deliver(self) -> Callable[[Any], None]:
        """Queue one frame without waiting; the sink handles its own overflow."""

    async def room(self) -> None:
        """Return when the queue has room for the next frame of a catch-up batch."""

    def continuity_lost(self, thread_id: UUID) -> None:
        """Report that the following events cannot be delivered without a gap."""

    def failed(self, error: Exception) -> None:
        """Report an unexpected error of the delivery."""


@dataclass(eq=False, slots=True)
class Subscription:
    """One connection's interest in one thread; ``cursor`` is the last delivered position."""

    feed: "ThreadFeed"
    cursor: StreamPosition
    sink: EventSink
    catch_up: asyncio.Task[None] | None = None
    deliver: Callable[[Any], None] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Bound once: a broadcast calls it for each subscriber with cold CPU caches.
        self.deliver = self.sink.deliver

    def push(self, position: StreamPosition, frame: Any) -> None:
        """Deliver the event at ``position`` unless the catch-up already delivered it."""
        cursor = self.cursor
        if position.offset <= cursor.offset and position.epoch == cursor.epoch:
            return
        self.cursor = position
        self.deliver(frame)


class Offered(Enum):
    """Result of offering an entry from the store to a feed."""

    TAKEN = auto()
    KNOWN = auto()
    DEFERRED = auto()  # a refill is in progress and will read it
    HOLE = auto()  # an earlier entry is missing


@dataclass(eq=False)
class ThreadFeed:
    """The thread's position on this instance and its live subscriptions."""

    thread_id: UUID
    encode: Encoder
    position: StreamPosition | None = None
    open_run: str | None = None  # the run open at ``position``, as seen by this instance
    live: set[Subscription] = field(default_factory=set)
    holders: int = 0  # subscriptions, catching up or live, and active producers
    outage: OutageLog | None = None
    behind: bool = False
    hole: bool = False  # the next event is known to be missing on this instance
    heard: bool = False  # an entry arrived while ``behind``
    generation: int = 0  # incremented by each outage; reads started earlier are discarded
    catching_up: asyncio.Lock = field(default_factory=asyncio.Lock)
    _shown: OrderedDict[str, int] = field(default_factory=OrderedDict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def base(self) -> Continuation | None:
        """Where the store continues the stream if it has lost it."""
        return None if self.position is None else Continuation(self.position, self.open_run)

    def offer(self, entry: Entry) -> Offered:
        """Take an entry that the store has placed, from an answer or a live message."""
        if self.behind or self.outage is not None:
            self.heard = True
            return Offered.DEFERRED
        position = self.position
        if position is not None and entry.epoch == position.epoch:
            if entry.offset <= position.offset:
                return Offered.KNOWN
            if entry.offset == position.offset + 1:
                self.advance(entry)
                return Offered.TAKEN
        if position is not None and self.live:
            self.hole = True
            return Offered.HOLE
        self.advance(entry)  # without live subscriptions only the position matters
        return Offered.TAKEN

    def advance(self, entry: Entry) -> None:
        """Move past ``entry``; deliver it to the live subscriptions unless they already have it."""
        self.position = position = StreamPosition(entry.epoch, entry.offset)
        if not entry.terminal:
            self.open_run = entry.run_id
        elif self.open_run == entry.run_id:
            self.open_run = None
        if self._shown.get(entry.producer, -1) < entry.seq:
            self._shown[entry.producer] = entry.seq
            self._shown.move_to_end(entry.producer)
            if len(self._shown) > MAX_PRODUCERS:
                self._shown.popitem(last=False)
            if self.live:
                frame = self.encode(self.thread_id, entry)
                for subscription in tuple(self.live):
                    subscription.push(position, frame)
                EVENTS_DELIVERED.inc(len(self.live))
        self.notify()

    def start_outage(self) -> OutageLog:
        """Start a local epoch because the store is unavailable; return its log."""
        if self.outage is None:
            if self.hole:
                # The missing event is in the store, so no later event may be delivered.
                self.lose()
            self.outage = OutageLog(self.position or UNKNOWN_BASE, self.open_run)
            self.position = self.outage.head
            self.behind = self.hole = False
            self.generation += 1
            self.notify()
        return self.outage

    def append_to_outage(self, draft: Draft) -> Entry:
        """Deliver ``draft`` to the local subscriptions and buffer it for the store."""
        entry = self.start_outage().add(draft)
        self.advance(entry)
        return entry

    def attach(self, subscription: Subscription) -> bool:
        """Make ``subscription`` live if it has every event that this feed has delivered."""
        position = self.position
        if (
            self.behind
            or position is None
            or position.epoch != subscription.cursor.epoch
            or position.offset > subscription.cursor.offset
        ):
            return False
        self.live.add(subscription)
        return True

    def lose(self) -> None:
        """Drop the live subscriptions and report the gap in front of their next event."""
        for subscription in tuple(self.live):
            subscription.sink.continuity_lost(self.thread_id)
        self.live.clear()

    def restart(self) -> None:
        """Forget the position, which no longer leads anywhere, and lose the live subscriptions."""
        self.position, self.open_run = None, None
        self.behind = self.hole = False
        self.generation += 1  # reads that have started belong to the time before
        self.lose()
        self.notify()

    def notify(self) -> None:
        """Wake the tasks that wait for a change of this feed."""
        self._changed.set()

    async def wait_for_change(self, seconds: float) -> None:
        """Return after the next change, or after ``seconds``."""
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return
