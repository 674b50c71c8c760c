"""Reconciles feeds with the store after an outage, and audits them while it is available."""

import asyncio

from netra_backend.app.streams.errors import StreamUnavailable
from netra_backend.app.streams.feed import ThreadFeed
from netra_backend.app.streams.hub import StreamHub
from netra_backend.app.streams.metrics import STALE_FEEDS
from netra_backend.app.streams.publisher import StreamPublisher
from netra_backend.app.streams.resume import StreamPosition
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.runtime.task_end import end_tasks

_log = get_logger(__name__)


class StreamReconciler:
    """Two tasks: one reconciles after a failure, one audits periodically.

    Args:
        hub: the feeds.
        publisher: has the events that the store may have lost.
    """

    def __init__(self, hub: StreamHub, publisher: StreamPublisher) -> None:
        self._hub = hub
        self._publisher = publisher
        self._tasks: list[asyncio.Task[None]] = []
        self._suspects: dict[ThreadFeed, StreamPosition | None] = {}

    def start(self) -> None:
        """Start both tasks; call inside the event loop."""
        self._tasks = [
            asyncio.create_task(self._reconcile_forever(), name="stream-reconciler"),
            asyncio.create_task(self._audit(), name="stream-audit"),
        ]

    async def stop(self) -> None:
        """End both tasks."""
        await end_tasks(self._tasks)

    async def _reconcile_forever(self) -> None:
        while True:
            await self._hub.trouble.wait()
            self._hub.trouble.clear()
            reconciled = False
            # A defect must not end this task: the instance would never receive live events again.
            with swallowed(_log, "stream_reconciler"):
                reconciled = await self._reconciled()
            if not reconciled:
                await asyncio.sleep(self._hub.limits.store_probe_seconds)
                self._hub.trouble.set()

    async def _reconciled(self) -> bool:
        try:
            await self._hub.store.ping()
            for feed in self._hub.feeds:
                await self._publisher.anchor(feed)
            # The store may have lost the latest events of runs that ended before the outage.
            for producer in self._publisher.producers:
                await self._publisher.verify(producer)
            for feed in self._hub.feeds:
                await self._publisher.flush(feed)
            self._hub.mark_available()
            for feed in self._hub.feeds:
                await self._follow(feed)
        except StreamUnavailable:
            self._hub.mark_unavailable()
            return False
        return True

    async def _follow(self, feed: ThreadFeed) -> None:
        await self._publisher.flush(feed)  # events buffered since the first flush
        if feed.live or feed.behind:
            # Live messages may be missing although no request of ours failed.
            await self._hub.catch_up_feed(feed)
        self._hub.drop_if_unheld(feed)

    async def _audit(self) -> None:
        """Compare positions with the store: a feed that is behind twice in a row is stale."""
        while True:
            await asyncio.sleep(self._hub.limits.audit_seconds)
            self._publisher.release_ended_producers()
            if self._hub.store_unavailable:
                continue
            with swallowed(_log, "stream_audit", StreamUnavailable):
                await self._compare([feed for feed in self._hub.feeds if feed.live])

    async def _compare(self, feeds: list[ThreadFeed]) -> None:
        before = {feed: feed.position for feed in feeds}
        heads = await self._hub.store.positions([feed.thread_id for feed in feeds])
        suspects: dict[ThreadFeed, StreamPosition | None] = {}
        for feed, head in zip(feeds, heads, strict=True):
            position = before[feed]
            if feed.behind or feed.outage is not None or head == position:
                continue
            if (
                head is not None
                and position is not None
                and head.epoch == position.epoch
                and head.offset <= position.offset
            ):
                continue
            if feed in self._suspects and self._suspects[feed] == position:
                STALE_FEEDS.inc()
                _log.warning("stale feed", thread_id=str(feed.thread_id))
                feed.hole = True
                self._hub.listener.renew()
                self._hub.refill(feed)
            else:
                suspects[feed] = position
        self._suspects = suspects
