"""One thread on this instance: where it stands, who listens, and the fan-out. No I/O.

A feed hands every event to its live subscriptions exactly once and in order. It notices a hole
by the offset and then waits for the hub to fill it from the store.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol
from uuid import UUID

from netra_backend.app.streams.entry import Draft, Entry
from netra_backend.app.streams.outage_buffer import UNKNOWN_BASE, OutageLog
from netra_backend.app.streams.resume import StreamPosition
from netra_backend.app.streams.store import Base
from netra_backend.app.transport.frames import WireFrame
from netra_backend.app.websocket_core.metrics import EVENTS_DELIVERED

MAX_PRODUCERS = 64  # one run at a time and a producer per run: far more than can overlap


class EventSink(Protocol):
    """Where a subscription's notifications go: one connection's outbound queue."""

    @property
    def deliver(self) -> Callable[[WireFrame], None]:
        """Queues one frame without waiting; a full queue is the sink's own affair."""

    async def room(self) -> None:
        """Return when the queue has room for a catch-up batch's next frame."""

    def continuity_lost(self, thread_id: UUID) -> None:
        """Tell that the events that follow cannot be delivered without a hole."""

    def failed(self, error: Exception) -> None:
        """Tell that delivering failed for a reason that nobody expected."""


@dataclass(eq=False, slots=True)
class Subscription:
    """One connection's interest in one thread; ``cursor`` is what it has been given."""

    feed: "ThreadFeed"
    cursor: StreamPosition
    sink: EventSink
    catch_up: asyncio.Task[None] | None = None
    deliver: Callable[[WireFrame], None] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Bound once: a broadcast touches every subscriber with cold caches.
        self.deliver = self.sink.deliver

    def push(self, position: StreamPosition, frame: WireFrame) -> None:
        """Deliver the event at ``position`` unless it was already read while catching up."""
        cursor = self.cursor
        if position.offset <= cursor.offset and position.epoch == cursor.epoch:
            return
        self.cursor = position
        self.deliver(frame)


class Offered(Enum):
    """What became of an entry from the store."""

    TAKEN = auto()
    KNOWN = auto()
    DEFERRED = auto()  # a refill is under way and will read it
    HOLE = auto()  # something is missing before it


@dataclass(eq=False)
class ThreadFeed:
    """The thread's position on this instance and its live subscriptions."""

    thread_id: UUID
    position: StreamPosition | None = None
    open_run: str | None = None  # at ``position``, as far as was seen here
    live: set[Subscription] = field(default_factory=set)
    holders: int = 0  # subscriptions, catching up or live, and active producers
    outage: OutageLog | None = None
    behind: bool = False
    hole: bool = False  # an event before the next one is known to be missing here
    heard: bool = False  # an entry arrived while ``behind``
    generation: int = 0  # grows with every outage: what was read before it is void
    catching_up: asyncio.Lock = field(default_factory=asyncio.Lock)
    _shown: OrderedDict[str, int] = field(default_factory=OrderedDict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def base(self) -> Base | None:
        """Where the store should continue if it has lost the stream."""
        return None if self.position is None else Base(self.position, self.open_run)

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
        self.advance(entry)  # nobody listens: where the stream stands is all that matters
        return Offered.TAKEN

    def advance(self, entry: Entry) -> None:
        """Move past ``entry``, showing it to the live subscriptions unless they have seen it."""
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
                frame = entry.notification(self.thread_id)
                for subscription in tuple(self.live):
                    subscription.push(position, frame)
                EVENTS_DELIVERED.inc(len(self.live))
        self.notify()

    def go_local(self) -> OutageLog:
        """Begin to count locally, the store being away; returns the log of that time."""
        if self.outage is None:
            if self.hole:
                # What they miss is in the store, so nothing after it may be shown to them.
                self.lose()
            self.outage = OutageLog(self.position or UNKNOWN_BASE, self.open_run)
            self.position = self.outage.head
            self.behind = self.hole = False
            self.generation += 1
            self.notify()
        return self.outage

    def publish_locally(self, draft: Draft) -> Entry:
        """Show ``draft`` to the local subscriptions and keep it for the store."""
        entry = self.go_local().add(draft)
        self.advance(entry)
        return entry

    def attach(self, subscription: Subscription) -> bool:
        """Make ``subscription`` live if it has everything that this feed has shown."""
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
        """Give up on the live subscriptions: what they would get next has a hole before it."""
        for subscription in tuple(self.live):
            subscription.sink.continuity_lost(self.thread_id)
        self.live.clear()

    def notify(self) -> None:
        """Wake whoever waits for this feed to move."""
        self._changed.set()

    async def wait_for_change(self, seconds: float) -> None:
        """Return after the next change, or after ``seconds``."""
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return
