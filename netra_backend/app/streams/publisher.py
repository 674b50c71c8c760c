"""Publishing a run's events: in order, once each, and on while the store is away.

Three things can happen to an append besides success. The store does not answer: the event is
shown locally and kept (``OutageLog``). The store answers that it has the event: the first
attempt had arrived after all. The store lacks earlier events that it had confirmed: it lost its
tail, or everything, and the run's latest events are sent again before this one.
"""

import asyncio
import time
from collections.abc import Iterable
from uuid import UUID

from netra_backend.app.streams.entry import Draft, Entry
from netra_backend.app.streams.feed import ThreadFeed
from netra_backend.app.streams.hub import StreamHub
from netra_backend.app.streams.metrics import (
    EVENTS_PUBLISHED,
    GIVEN_UP_RUNS,
    OUTAGE_BYTES,
    OVERTAKEN_RUNS,
)
from netra_backend.app.streams.producer import Producer
from netra_backend.app.streams.recall import recall
from netra_backend.app.streams.resume import StreamPosition
from netra_backend.app.streams.store import (
    AlreadyThere,
    Appended,
    Base,
    Busy,
    Lost,
    ProducerGap,
    Told,
)
from netra_backend.app.websocket_core.errors import EventTooLarge, StreamUnavailable

OVERLAP_LOOK_SECONDS = 0.05  # between looks whether the run before has ended in the stream


class StreamPublisher:
    """Implements the agents' ``RunEventPublisher``.

    Args:
        hub: the feeds of this instance and their store.
    """

    def __init__(self, hub: StreamHub) -> None:
        self._hub = hub
        self._producers: dict[UUID, Producer] = {}
        self._placing: set[asyncio.Task[None]] = set()
        self._outage_bytes = 0

    @property
    def producers(self) -> tuple[Producer, ...]:
        """Every run that publishes here, or did within the linger time."""
        return tuple(self._producers.values())

    async def publish(self, *, thread_id: UUID, run_id: UUID, event: bytes, terminal: bool) -> None:
        """Publish one event of a run; returns when it has its place in the order.

        Args:
            thread_id: whose stream.
            run_id: the run; its events are published one after the other.
            event: the AG-UI event as JSON in UTF-8.
            terminal: whether the run ends with it.

        Raises:
            EventTooLarge: above ``max_event_bytes``.
            UnicodeDecodeError: not UTF-8; nobody could be shown it.
            StreamUnavailable: the store is away and the buffer for that is full. A terminal
                event is always taken.

        A cancelled caller does not undo it: an append that is under way is finished, else the
        run's next event could be taken for this one.
        """
        if len(event) > self._hub.limits.max_event_bytes:
            raise EventTooLarge(
                f"An event has {len(event)} bytes; at most {self._hub.limits.max_event_bytes} "
                "can be streamed."
            )
        event.decode()
        producer = self._producer(thread_id, run_id)
        task = asyncio.create_task(self._place(producer, event, terminal=terminal))
        self._placing.add(task)
        task.add_done_callback(self._placing.discard)
        await asyncio.shield(task)

    async def published(self, *, thread_id: UUID, run_id: UUID) -> list[bytes]:
        """Return the run's events that the store still has, in order.

        Raises:
            StreamUnavailable: the store is away, or does not have yet what watchers here have.
        """
        producer = self._producers.get(run_id)
        if producer is not None and producer.feed.outage is not None:
            raise StreamUnavailable("The store lacks what was shown while it was away.")
        return await recall(self._hub.store, thread_id, run_id, batch=self._hub.limits.replay_batch)

    def leave(self, run_ids: Iterable[UUID]) -> None:
        """Let go of runs, as of ended ones, whose executor is gone; who goes on keeps them."""
        now = time.monotonic()
        for run_id in run_ids:
            producer = self._producers.get(run_id)
            if producer is not None and producer.ended_at is None:
                producer.ended_at = now

    async def stop(self) -> None:
        """Wait for what is being placed; each wait has the store's deadline."""
        await asyncio.gather(*self._placing, return_exceptions=True)

    def _producer(self, thread_id: UUID, run_id: UUID) -> Producer:
        producer = self._producers.get(run_id)
        if producer is None:
            producer = Producer(
                self._hub.hold(thread_id), run_id, keep=self._hub.limits.resend_events
            )
            self._producers[run_id] = producer
        producer.ended_at = None  # its executor may have been replaced
        return producer

    async def _place(self, producer: Producer, event: bytes, *, terminal: bool) -> None:
        async with producer.lock:
            draft = producer.draft(event, terminal=terminal)
            if self._hub.store_away or producer.feed.outage is not None:
                self._place_locally(producer, draft)
            else:
                try:
                    await self._place_in_store(producer, draft)
                except StreamUnavailable:
                    self._hub.trip()
                    self._place_locally(producer, draft)
            if terminal:
                producer.ended_at = time.monotonic()

    async def _place_in_store(self, producer: Producer, draft: Draft) -> None:
        feed = producer.feed
        result = await self._append(feed, draft, base=feed.base)
        if isinstance(result, ProducerGap):
            await self.resend(producer, result.last)
            result = await self._hub.store.append(
                feed.thread_id, draft, base=feed.base, accept_gap=True
            )
        EVENTS_PUBLISHED.labels("store").inc()
        match result:
            case Appended(position=position) | AlreadyThere(position=StreamPosition() as position):
                producer.remember(draft, position)
                self._hub.offer(feed, Entry.placed(draft, position.epoch, position.offset))
            case Lost() | AlreadyThere():
                producer.next_seq = draft.seq + 1  # overtaken by a later run
            case _:
                raise AssertionError("a producer's newest event cannot be behind its last")

    async def _append(
        self,
        feed: ThreadFeed,
        draft: Draft,
        *,
        told: Told | None = None,
        base: Base | None = None,
    ) -> AlreadyThere | Appended | ProducerGap | Busy | Lost:
        """Append; the first event of a run waits for the end of the one before.

        A run begins when the database says that the thread is free, which can be a moment before
        the end of the former run is in the stream, or much before when that comes out of another
        instance's outage. An end that does not come within ``run_overlap_seconds`` is given up.
        """
        give_up = time.monotonic() + self._hub.limits.run_overlap_seconds
        while True:
            result = await self._hub.store.append(feed.thread_id, draft, told=told, base=base)
            if not isinstance(result, Busy):
                return result
            if time.monotonic() > give_up:
                OVERTAKEN_RUNS.inc()
                return await self._hub.store.append(
                    feed.thread_id, draft, told=told, base=base, accept_gap=True
                )
            await asyncio.sleep(OVERLAP_LOOK_SECONDS)

    def _place_locally(self, producer: Producer, draft: Draft) -> None:
        feed, limits = producer.feed, self._hub.limits
        log = feed.go_local()
        full = (
            len(log.entries) >= limits.outage_events
            or self._outage_bytes + len(draft.event) > limits.outage_bytes
        )
        if full and not draft.terminal:
            raise StreamUnavailable(
                "The event stream is away and the buffer for that is full.", retry_after=5.0
            )
        entry = feed.publish_locally(draft)
        self._count_outage_bytes(len(draft.event))
        EVENTS_PUBLISHED.labels("outage_log").inc()
        producer.remember(draft, StreamPosition(entry.epoch, entry.offset))

    async def flush(self, feed: ThreadFeed) -> None:
        """Append what ``feed`` kept while the store was away, then follow the store again.

        Raises:
            StreamUnavailable: it went away again; what was appended is not appended twice.
        """
        log = feed.outage
        if log is None:
            return
        base = Base(log.base, log.run_before) if log.base.epoch else None
        while not log.all_stored:
            draft, told = log.next_for_store()
            producer = self._producers.get(UUID(draft.run_id))
            if producer is not None and producer.name != draft.producer:
                producer = None
            if producer is None or not producer.given_up:
                await self._flush_one(feed, producer, draft, told, base)
            log.stored += 1
        # No await between the check above and this: what is published next goes to the store.
        self._count_outage_bytes(-log.size)
        feed.outage = None
        candidates = [log.head, log.base] if log.base.epoch else [log.head]
        feed.behind = True
        await self._hub.catch_up_feed(feed, candidates)

    async def _flush_one(
        self,
        feed: ThreadFeed,
        producer: Producer | None,
        draft: Draft,
        told: Told,
        base: Base | None,
    ) -> None:
        result = await self._append(feed, draft, told=told, base=base)
        if isinstance(result, ProducerGap):
            if producer is not None:
                await self.resend(producer, result.last)
                if producer.given_up:
                    return
            result = await self._hub.store.append(
                feed.thread_id, draft, told=told, base=base, accept_gap=producer is None
            )
        position = getattr(result, "position", None)
        if producer is not None and position is not None:
            producer.moved(draft.seq, position)

    async def anchor(self, feed: ThreadFeed) -> None:
        """Let a store that lost the thread's stream continue where this instance stands.

        What precedes is then merely trimmed, and positions up to here stay good.
        """
        log = feed.outage
        base = feed.base if log is None else Base(log.base, log.run_before)
        if base is not None and base.position.epoch:
            await self._hub.store.open(feed.thread_id, base)

    async def resend(self, producer: Producer, last: int, *, all_stored: bool = False) -> None:
        """Append a run's events after number ``last`` again, where they were if that is free.

        Args:
            producer: the run's.
            last: number of the last event that the store has.
            all_stored: whether the store had each of them once.
        """
        feed, ended = producer.feed, producer.ended_at is not None
        expected = last + 1
        for draft, told in producer.since(last):
            result = await self._hub.store.append(
                feed.thread_id,
                draft,
                told=told,
                base=Base(told.parent),
                accept_gap=draft.seq != expected,
                in_place=ended and (all_stored or not told.is_local),
            )
            if isinstance(result, Busy):
                await self._append(feed, draft, told=told, base=Base(told.parent))
            if isinstance(result, Lost):
                GIVEN_UP_RUNS.inc()
                producer.given_up = True
                return
            expected = draft.seq + 1

    async def verify(self, producer: Producer) -> None:
        """Make sure that the store still has the run's latest events; repair it if not."""
        async with producer.lock:
            latest = producer.since(producer.next_seq - 2)
            if not latest or producer.given_up or producer.feed.outage is not None:
                return
            draft, told = latest[-1]
            result = await self._hub.store.append(
                producer.feed.thread_id,
                draft,
                told=told,
                base=Base(told.parent),
                in_place=producer.ended_at is not None,
            )
            producer.given_up = isinstance(result, Lost)
            if isinstance(result, ProducerGap):
                await self.resend(producer, result.last, all_stored=True)

    def forget_ended(self) -> None:
        """Let go of runs that ended longer than the linger time ago and are stored."""
        horizon = time.monotonic() - self._hub.limits.producer_linger_seconds
        for run_id, producer in tuple(self._producers.items()):
            ended = producer.ended_at is not None and producer.ended_at < horizon
            if ended and producer.feed.outage is None:
                del self._producers[run_id]
                self._hub.release(producer.feed)

    def _count_outage_bytes(self, change: int) -> None:
        self._outage_bytes += change
        OUTAGE_BYTES.set(self._outage_bytes)
