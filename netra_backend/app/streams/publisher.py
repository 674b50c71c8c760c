"""Publishes a run's events in order and exactly once, also while the store is unavailable.

Besides success an append has three outcomes. The store does not answer: the event is delivered
locally and buffered (``OutageLog``). The store already has the event: an earlier attempt had
arrived. The store lacks earlier events that it had confirmed: it lost its latest data or all of
it, and the run's latest events are appended again before this one.
"""

import asyncio
import time
from collections.abc import Iterable
from uuid import UUID

from netra_backend.app.streams.entry import Draft, Entry
from netra_backend.app.streams.errors import EventTooLarge, StreamUnavailable
from netra_backend.app.streams.feed import ThreadFeed
from netra_backend.app.streams.hub import StreamHub
from netra_backend.app.streams.metrics import (
    ABANDONED_RUNS,
    EVENTS_PUBLISHED,
    OUTAGE_BYTES,
    OVERTAKEN_RUNS,
)
from netra_backend.app.streams.producer import Producer
from netra_backend.app.streams.resume import StreamPosition
from netra_backend.app.streams.run_events import read_run_events
from netra_backend.app.streams.store import (
    AlreadyThere,
    Appended,
    Busy,
    Continuation,
    Lost,
    PriorDelivery,
    ProducerGap,
)

OVERLAP_POLL_SECONDS = 0.05  # between attempts while the previous run is open in the stream


class StreamPublisher:
    """Implements the runs' ``RunEventPublisher``.

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
        """The producers of active runs and of those that ended within the linger time."""
        return tuple(self._producers.values())

    async def publish(self, *, thread_id: UUID, run_id: UUID, event: bytes, terminal: bool) -> None:
        """Publish one event of a run; return when it has its position in the stream.

        Args:
            thread_id: the thread of the stream.
            run_id: the run; its events are published one after the other.
            event: the AG-UI event as JSON in UTF-8.
            terminal: whether it is the run's last event.

        Raises:
            EventTooLarge: above ``max_event_bytes``.
            UnicodeDecodeError: the event is not UTF-8.
            StreamUnavailable: the store is unavailable and the outage buffer is full. A terminal
                event is always accepted.

        Cancelling the caller does not cancel the append: otherwise the run's next event could
        get the number of this one.
        """
        if len(event) > self._hub.limits.max_event_bytes:
            raise EventTooLarge(
                f"The event has {len(event)} bytes; the limit is "
                f"{self._hub.limits.max_event_bytes}."
            )
        event.decode()
        producer = self._producer(thread_id, run_id)
        task = asyncio.create_task(self._place(producer, event, terminal=terminal))
        self._placing.add(task)
        task.add_done_callback(self._placing.discard)
        await asyncio.shield(task)

    async def published(self, *, thread_id: UUID, run_id: UUID) -> list[bytes] | None:
        """Return all events of the run that readers can have, in order.

        Returns:
            None when the store has none, or has lost some of them.

        Raises:
            StreamUnavailable: the store is unavailable, or is being repaired.
        """
        producer = self._producers.get(run_id)
        if producer is None:
            return await self._read_run(thread_id, run_id)
        async with producer.lock:  # behind the appends in flight
            if producer.feed.outage is not None:
                raise StreamUnavailable("The stream store lacks the events of its outage.")
            if producer.abandoned:
                return None
            return await self._read_run(thread_id, run_id, producer)

    async def _read_run(
        self, thread_id: UUID, run_id: UUID, producer: Producer | None = None
    ) -> list[bytes] | None:
        batch = self._hub.limits.replay_batch
        entries = await read_run_events(self._hub.store, thread_id, run_id, batch=batch)
        if not entries:
            # Nothing was published, or the store has lost it: this is not known.
            return None
        if producer is not None and entries[-1].producer != producer.name:
            self._replace(producer)  # another instance executed the run in between
        elif producer is not None and entries[-1].seq + 1 < producer.next_seq:
            return None  # the store has lost the latest ones
        return [entry.event.encode() for entry in entries]

    async def restart(self, *, thread_id: UUID, run_id: UUID) -> None:
        """Break the continuity of the stream: every reader loads the history again.

        Raises:
            StreamUnavailable: the store is unavailable.
        """
        former = self._producers.get(run_id)
        producer = self._producer(thread_id, run_id) if former is None else self._replace(former)
        async with producer.lock:
            if producer.feed.outage is not None:
                raise StreamUnavailable("The stream store lacks the events of its outage.")
            await self._hub.restart(producer.feed, run_id, producer.name)

    def _replace(self, producer: Producer) -> Producer:
        """Let a new producer, whose numbers start at 0, continue the run."""
        new = Producer(producer.feed, producer.run_id, keep=self._hub.limits.resend_events)
        self._producers[producer.run_id] = new  # it takes over the hold of the feed
        return new

    def release_runs(self, run_ids: Iterable[UUID]) -> None:
        """Treat runs whose executor is gone as ended; a later ``publish`` reverses it."""
        now = time.monotonic()
        for run_id in run_ids:
            producer = self._producers.get(run_id)
            if producer is not None and producer.ended_at is None:
                producer.ended_at = now

    async def stop(self) -> None:
        """Wait for the appends in flight; each has the store's deadline."""
        await asyncio.gather(*self._placing, return_exceptions=True)

    def _producer(self, thread_id: UUID, run_id: UUID) -> Producer:
        producer = self._producers.get(run_id)
        if producer is None:
            producer = Producer(
                self._hub.hold(thread_id), run_id, keep=self._hub.limits.resend_events
            )
            self._producers[run_id] = producer
        producer.ended_at = None  # another executor may continue the run
        return producer

    async def _place(self, producer: Producer, event: bytes, *, terminal: bool) -> None:
        async with producer.lock:
            draft = producer.draft(event, terminal=terminal)
            if self._hub.store_unavailable or producer.feed.outage is not None:
                self._buffer(producer, draft)
            else:
                try:
                    await self._place_in_store(producer, draft)
                except StreamUnavailable:
                    self._hub.mark_unavailable()
                    self._buffer(producer, draft)
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
        prior: PriorDelivery | None = None,
        base: Continuation | None = None,
    ) -> AlreadyThere | Appended | ProducerGap | Busy | Lost:
        """Append; the first event of a run waits for the end of the one before.

        A run starts when the database says that the thread is free. The terminal event of the
        previous run can arrive in the stream later, much later after an outage of another
        instance. After ``run_overlap_seconds`` the new run no longer waits for it.
        """
        deadline = time.monotonic() + self._hub.limits.run_overlap_seconds
        while True:
            result = await self._hub.store.append(feed.thread_id, draft, prior=prior, base=base)
            if not isinstance(result, Busy):
                return result
            if time.monotonic() > deadline:
                OVERTAKEN_RUNS.inc()
                return await self._hub.store.append(
                    feed.thread_id, draft, prior=prior, base=base, accept_gap=True
                )
            await asyncio.sleep(OVERLAP_POLL_SECONDS)

    def _buffer(self, producer: Producer, draft: Draft) -> None:
        feed, limits = producer.feed, self._hub.limits
        log = feed.start_outage()
        full = (
            len(log.entries) >= limits.outage_events
            or self._outage_bytes + len(draft.event) > limits.outage_bytes
        )
        if full and not draft.terminal:
            raise StreamUnavailable(
                "The event stream is unavailable and its outage buffer is full.", retry_after=5.0
            )
        entry = feed.append_to_outage(draft)
        self._count_outage_bytes(len(draft.event))
        EVENTS_PUBLISHED.labels("outage_log").inc()
        producer.remember(draft, StreamPosition(entry.epoch, entry.offset))

    async def flush(self, feed: ThreadFeed) -> None:
        """Append what ``feed`` buffered during the outage, then follow the store again.

        Raises:
            StreamUnavailable: it became unavailable again; appended entries are not repeated.
        """
        log = feed.outage
        if log is None:
            return
        base = Continuation(log.base, log.run_at_base) if log.base.epoch else None
        while not log.all_stored:
            draft, prior = log.next_for_store()
            producer = self._producers.get(UUID(draft.run_id))
            if producer is not None and producer.name != draft.producer:
                producer = None
            if producer is None or not producer.abandoned:
                await self._flush_one(feed, producer, draft, prior, base)
            log.stored += 1
        # No await between the check above and this: the next event goes to the store.
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
        prior: PriorDelivery,
        base: Continuation | None,
    ) -> None:
        result = await self._append(feed, draft, prior=prior, base=base)
        if isinstance(result, ProducerGap):
            if producer is not None:
                await self.resend(producer, result.last)
                if producer.abandoned:
                    return
            result = await self._hub.store.append(
                feed.thread_id, draft, prior=prior, base=base, accept_gap=producer is None
            )
        position = getattr(result, "position", None)
        if producer is not None and position is not None:
            producer.moved(draft.seq, position)

    async def anchor(self, feed: ThreadFeed) -> None:
        """Let a store that lost the thread's stream continue at this instance's position.

        Earlier events then count as trimmed, and positions up to this one remain valid.
        """
        log = feed.outage
        base = feed.base if log is None else Continuation(log.base, log.run_at_base)
        if base is not None and base.position.epoch:
            await self._hub.store.open(feed.thread_id, base)

    async def resend(self, producer: Producer, last: int, *, all_stored: bool = False) -> None:
        """Append a run's events after number ``last`` again, at their former offsets if free.

        Args:
            producer: the producer of the run.
            last: number of the last event that the store has.
            all_stored: whether the store had confirmed each of them.
        """
        feed, ended = producer.feed, producer.ended_at is not None
        expected = last + 1
        for draft, prior in producer.since(last):
            result = await self._hub.store.append(
                feed.thread_id,
                draft,
                prior=prior,
                base=Continuation(prior.parent),
                accept_gap=draft.seq != expected,
                in_place=ended and (all_stored or not prior.is_local),
            )
            if isinstance(result, Busy):
                await self._append(feed, draft, prior=prior, base=Continuation(prior.parent))
            if isinstance(result, Lost):
                ABANDONED_RUNS.inc()
                producer.abandoned = True
                return
            expected = draft.seq + 1

    async def verify(self, producer: Producer) -> None:
        """Check that the store still has the run's latest events; repair it if not."""
        async with producer.lock:
            latest = producer.since(producer.next_seq - 2)
            if not latest or producer.abandoned or producer.feed.outage is not None:
                return
            draft, prior = latest[-1]
            result = await self._hub.store.append(
                producer.feed.thread_id,
                draft,
                prior=prior,
                base=Continuation(prior.parent),
                in_place=producer.ended_at is not None,
            )
            producer.abandoned = isinstance(result, Lost)
            if isinstance(result, ProducerGap):
                await self.resend(producer, result.last, all_stored=True)

    def release_ended_producers(self) -> None:
        """Release producers whose run ended before the linger time and is stored."""
        horizon = time.monotonic() - self._hub.limits.producer_linger_seconds
        for run_id, producer in tuple(self._producers.items()):
            ended = producer.ended_at is not None and producer.ended_at < horizon
            if ended and producer.feed.outage is None:
                del self._producers[run_id]
                self._hub.release(producer.feed)

    def _count_outage_bytes(self, change: int) -> None:
        self._outage_bytes += change
        OUTAGE_BYTES.set(self._outage_bytes)
