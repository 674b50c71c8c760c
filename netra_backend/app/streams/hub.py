"""All feeds of this instance: subscriptions, resuming from the store, live messages."""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

from netra_backend.app.streams import keys
from netra_backend.app.streams.cluster_listener import channel_listener
from netra_backend.app.streams.entry import Encoder, Entry
from netra_backend.app.streams.errors import StreamUnavailable
from netra_backend.app.streams.feed import (
    EventSink,
    Offered,
    Subscription,
    ThreadFeed,
)
from netra_backend.app.streams.limits import StreamLimits
from netra_backend.app.streams.listener import ListenerOptions
from netra_backend.app.streams.metrics import (
    CONTINUITY_LOST,
    EVENTS_DELIVERED,
    HOLES,
    REFILLS,
    STORE_UNAVAILABLE,
)
from netra_backend.app.streams.resume import (
    NotRecovered,
    ResumePlan,
    StreamPosition,
    StreamState,
    plan_resume,
)
from netra_backend.app.streams.store import Continuation, EpochChanged, StreamStore
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.runtime.task_end import end_task, end_tasks

# A producer on another instance may be repairing the stream at this moment (see publisher.py).
CONTINUITY_ATTEMPTS = 4
CONTINUITY_PAUSE_SECONDS = 0.1
WAIT_SECONDS = 0.25  # longest wait for a change of a feed before the store is read again

_log = get_logger(__name__)


class StreamHub:
    """Feeds by thread, each with one live channel for any number of connections.

    Args:
        store: the streams.
        client: for the live connection; owned by the caller.
        limits: batch sizes and deadlines.
        encode: encodes the notification of an entry.
    """

    def __init__(
        self, store: StreamStore, client: Redis, limits: StreamLimits, encode: Encoder
    ) -> None:
        self.store = store
        self.limits = limits
        self._encode = encode
        self.store_unavailable = False
        self.trouble = asyncio.Event()  # set to wake the reconciler
        self._feeds: dict[UUID, ThreadFeed] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.listener = channel_listener(
            client,
            ListenerOptions(
                sharded=True,
                on_message=self._on_message,
                on_connected=self.trouble.set,
                confirm_seconds=limits.subscribe_seconds,
                beat_seconds=limits.heartbeat_seconds,
                on_unreachable=self.mark_unavailable,
            ),
        )

    @property
    def feeds(self) -> Iterable[ThreadFeed]:
        """All feeds that are in use."""
        return tuple(self._feeds.values())

    def start(self) -> None:
        """Start to listen; call inside the event loop."""
        self.listener.start()

    async def stop(self) -> None:
        """End every task of the hub."""
        await self.listener.stop()
        await end_tasks(self._tasks)

    def mark_unavailable(self) -> None:
        """Record that the store does not answer; events stay on this instance until it does."""
        if not self.store_unavailable:
            self.store_unavailable = True
            STORE_UNAVAILABLE.set(1)
            _log.warning("stream store unavailable")
        self.trouble.set()

    def mark_available(self) -> None:
        """Record that the store answers and has every buffered event."""
        if self.store_unavailable:
            self.store_unavailable = False
            STORE_UNAVAILABLE.set(0)
            _log.info("stream store available again")

    # Holding a feed -------------------------------------------------------------------------

    def hold(self, thread_id: UUID) -> ThreadFeed:
        """Return the thread's feed and keep it until ``release``."""
        feed = self._feeds.get(thread_id)
        if feed is None:
            feed = self._feeds[thread_id] = ThreadFeed(thread_id, self._encode)
        feed.holders += 1
        return feed

    async def restart(self, feed: ThreadFeed, run_id: UUID, producer: str) -> None:
        """Break the continuity of a stream for every reader, here and on other instances.

        Args:
            feed: of the stream.
            run_id: the run that is published from its start.
            producer: the only one whose events of the run count from here on.

        Raises:
            StreamUnavailable: the store does not answer; nothing has changed.
        """
        await self.store.break_continuity(feed.thread_id, run_id, producer)
        CONTINUITY_LOST.inc()
        feed.restart()

    def release(self, feed: ThreadFeed) -> None:
        """Undo one ``hold``; a feed without holders and buffered events is dropped."""
        feed.holders -= 1
        self.drop_if_unheld(feed)

    def drop_if_unheld(self, feed: ThreadFeed) -> None:
        """Drop ``feed`` unless it has holders or buffers events for the store."""
        if feed.holders == 0 and feed.outage is None and self._feeds.get(feed.thread_id) is feed:
            del self._feeds[feed.thread_id]
            self.spawn(self._unsubscribe(feed.thread_id))

    async def _unsubscribe(self, thread_id: UUID) -> None:
        if thread_id not in self._feeds:
            await self.listener.unsubscribe(keys.live_channel(thread_id))

    # Subscribing ----------------------------------------------------------------------------

    async def subscribe(
        self, thread_id: UUID, position: StreamPosition | None, sink: EventSink
    ) -> tuple[Subscription, ResumePlan]:
        """Return where a reader starts. Delivery starts with ``start_delivery``."""
        feed = self.hold(thread_id)
        try:
            state, unrelated = await self._state(feed)
        except BaseException:
            self.release(feed)
            raise
        plan = plan_resume(position, state, unrelated=unrelated)
        return Subscription(feed, plan.start, sink), plan

    def start_delivery(self, subscription: Subscription) -> None:
        """Deliver from the subscription's cursor: missed events first, then live ones."""
        if not subscription.feed.attach(subscription):
            subscription.catch_up = self.spawn(self._catch_up(subscription))

    async def unsubscribe(self, subscription: Subscription) -> None:
        """End the subscription; nothing is delivered after this returns."""
        subscription.feed.live.discard(subscription)
        try:
            if subscription.catch_up is not None:
                await end_task(subscription.catch_up)
        finally:  # also when a command's deadline cancels this: nothing else releases the feed
            self.release(subscription.feed)

    async def _state(self, feed: ThreadFeed) -> tuple[StreamState, NotRecovered]:
        if feed.outage is None and not self.store_unavailable:
            try:
                await self.listener.subscribe(keys.live_channel(feed.thread_id))
                state = await self.store.open(feed.thread_id, feed.base)
            except StreamUnavailable:
                self.mark_unavailable()
            else:
                if feed.position is None:
                    feed.position, feed.open_run = state.position, state.open_run
                elif feed.position.epoch != state.epoch:
                    self.refill(feed)
                return state, NotRecovered.EPOCH_CHANGED
        return feed.start_outage().state(), NotRecovered.STORE_LOST

    async def _catch_up(self, subscription: Subscription) -> None:
        try:
            await self._deliver_missed(subscription)
        except Exception as error:  # noqa: BLE001  any error must end the reader's wait
            subscription.sink.failed(error)

    async def _deliver_missed(self, subscription: Subscription) -> None:
        feed = subscription.feed
        while not feed.attach(subscription):
            before = subscription.cursor
            entries = await self._missed(subscription)
            if entries is None:
                subscription.sink.continuity_lost(feed.thread_id)
                return
            for entry in entries:
                await subscription.sink.room()
                position = StreamPosition(entry.epoch, entry.offset)
                subscription.push(position, self._encode(feed.thread_id, entry))
            EVENTS_DELIVERED.inc(len(entries))
            if not entries and before == subscription.cursor:
                await feed.wait_for_change(WAIT_SECONDS)

    async def _missed(self, subscription: Subscription) -> list[Entry] | None:
        """Return the next entries after the cursor; ``None`` when they no longer exist."""
        feed, cursor = subscription.feed, subscription.cursor
        if feed.outage is not None:
            local = feed.outage.after(cursor)
            return [] if local is None else list(local[: self.limits.replay_batch])
        try:
            return list(await self.store.read(feed.thread_id, cursor, self.limits.replay_batch))
        except StreamUnavailable:
            self.mark_unavailable()
            return []
        except EpochChanged:
            return await self._move_cursor(subscription)

    async def _move_cursor(self, subscription: Subscription) -> list[Entry] | None:
        feed = subscription.feed
        with swallowed(_log, "stream_store_unavailable", StreamUnavailable):
            state = await self.store.open(feed.thread_id, feed.base)
            plan = plan_resume(subscription.cursor, state)
            if not plan.recovered:
                return None
            subscription.cursor = plan.start
            if feed.position is None or feed.position.epoch != state.epoch:
                self.refill(feed)
        return []

    # Live messages and holes ----------------------------------------------------------------

    def _on_message(self, channel: bytes, message: bytes) -> None:
        with swallowed(_log, "foreign_live_message", ValueError):
            feed = self._feeds.get(keys.thread_of_channel(channel))
            if feed is not None:
                self.offer(feed, Entry.unpack(message))

    def offer(self, feed: ThreadFeed, entry: Entry) -> None:
        """Offer ``feed`` an entry that the store has placed; start a refill if it reveals a gap."""
        if feed.offer(entry) is Offered.HOLE:
            HOLES.inc()
            self.refill(feed)

    def refill(self, feed: ThreadFeed) -> None:
        """Bring ``feed`` up to the store's head; a second call while that runs does nothing."""
        if not feed.behind and feed.outage is None:
            feed.behind = True
            self.spawn(self._refill(feed))

    async def _refill(self, feed: ThreadFeed) -> None:
        REFILLS.inc()
        try:
            await self.catch_up_feed(feed)
        except StreamUnavailable:
            self.mark_unavailable()  # the reconciler refills the feed when the store answers
        except Exception as error:  # noqa: BLE001  any error must end the readers' wait
            for subscription in tuple(feed.live):
                subscription.sink.failed(error)
            feed.live.clear()
            feed.behind = False

    async def catch_up_feed(
        self, feed: ThreadFeed, candidates: Sequence[StreamPosition] = ()
    ) -> None:
        """Move ``feed`` to the store's head, from the first candidate that can be resumed.

        Args:
            feed: it is ``behind`` until this returns.
            candidates: positions that the feed may have; its own position when empty.

        Raises:
            StreamUnavailable: the store became unavailable; the feed is still ``behind``.
        """
        feed.behind = True
        async with feed.catching_up:
            generation = feed.generation
            while feed.generation == generation:
                feed.heard = False
                here = candidates or ((feed.position,) if feed.position else ())
                candidates = ()
                start, recovered = await self._resumable(feed, here)
                if feed.generation != generation:
                    return  # an outage started meanwhile; the reads belong to the time before it
                if not recovered:
                    CONTINUITY_LOST.inc()
                    feed.lose()
                feed.position = start
                if await self._read_to_head(feed) and not feed.heard:
                    feed.behind = feed.hole = False
                    feed.notify()
                    return

    async def _resumable(
        self, feed: ThreadFeed, candidates: Sequence[StreamPosition]
    ) -> tuple[StreamPosition, bool]:
        """Return where the feed continues, and whether its readers miss nothing there."""
        base = None
        if candidates and candidates[-1].epoch:
            base = Continuation(candidates[-1], feed.open_run)
        state = await self.store.open(feed.thread_id, base)
        for attempt in range(CONTINUITY_ATTEMPTS):
            if attempt:
                await asyncio.sleep(CONTINUITY_PAUSE_SECONDS)
                state = await self.store.open(feed.thread_id, base)
            for candidate in candidates:
                plan = plan_resume(candidate, state)
                if plan.recovered:
                    return plan.start, True
            if not feed.live:
                return state.position, True
        return state.position, False

    async def _read_to_head(self, feed: ThreadFeed) -> bool:
        """Deliver the store's entries; false when an epoch changed during the reading."""
        generation, limit = feed.generation, self.limits.replay_batch
        while feed.position is not None:
            try:
                entries = await self.store.read(feed.thread_id, feed.position, limit)
            except EpochChanged:
                return False
            if feed.generation != generation:
                return False
            for entry in entries:
                feed.advance(entry)
            if len(entries) < limit:
                return True
        return True

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run ``work`` as a task that ``stop`` ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
