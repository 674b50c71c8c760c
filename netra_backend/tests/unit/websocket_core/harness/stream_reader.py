"""A client of the streams as docs/protocol.md describes it, without a socket.

It keeps a position, checks that offsets follow, subscribes again when they do not, and reloads
the history when the answer is `recovered: false`. After that it ignores the events of runs
that the history has whole, and a run whose beginning it does not get; when such a one ends, it
reloads once more.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from netra_backend.app.streams.event_streams import EventStreams
from netra_backend.app.streams.feed import Subscription
from netra_backend.app.streams.resume import StreamPosition
from netra_backend.app.transport.frames import WireFrame, payload_of
from netra_backend.tests.unit.websocket_core.harness.waiting import until


class StreamReader:
    """Reads one thread; ``seen`` is what a person would have on the screen.

    Args:
        thread_id: the thread.
        history: returns the events of all finished runs, as REST would; given the name of an
            event that ends a run, that run is finished too.
    """

    def __init__(self, thread_id: UUID, history: Callable[[str | None], list[str]]) -> None:
        self.thread_id = thread_id
        self.seen: list[str] = []
        self.position: StreamPosition | None = None
        self.reloads = 0
        self.must_resubscribe = False
        self.stalled = False
        self.ignoring = False
        self._reloaded = False
        self.failure: Exception | None = None
        self._history = history
        self._whole: frozenset[str] = frozenset()  # all of a run that has ended, or nothing of it
        self._subscription: Subscription | None = None
        self._streams: EventStreams | None = None

    @property
    def connected(self) -> bool:
        return self._subscription is not None

    @property
    def waits_for_start(self) -> bool:
        """Reloaded, and nothing came since."""
        return self._reloaded

    async def connect(self, streams: EventStreams) -> None:
        self._streams = streams
        self.must_resubscribe = False
        subscription, plan = await streams.hub.subscribe(self.thread_id, self.position, self)
        self._subscription = subscription
        if not plan.recovered:
            self.reloads += 1
            self._reload(None)
            self._reloaded = True
            self.ignoring = False
        self.position = plan.start
        streams.hub.start_delivery(subscription)

    async def disconnect(self) -> None:
        self.stalled = False
        if self._subscription is not None and self._streams is not None:
            subscription, self._subscription = self._subscription, None
            await self._streams.hub.unsubscribe(subscription)

    def is_on(self, streams: EventStreams) -> bool:
        return self.connected and self._streams is streams

    def forget(self) -> None:
        """Note that the other side is gone, without a word to it."""
        self._subscription = None
        self.stalled = False

    async def resubscribe(self) -> None:
        assert self._streams is not None
        await self.disconnect()
        await self.connect(self._streams)

    def deliver(self, frame: WireFrame) -> None:
        params: dict[str, Any] = json.loads(payload_of(frame))["params"]
        assert self.position is not None
        if self.must_resubscribe or params["offset"] != self.position.offset + 1:
            self.must_resubscribe = True
            return
        self.position = StreamPosition(params["epoch"], params["offset"])
        self._show(params["event"])

    def _show(self, event: dict[str, Any]) -> None:
        if event["name"] in self._whole:
            return
        if self._reloaded and not event["starts"]:
            self.ignoring = True
        self._reloaded = False
        if not self.ignoring:
            self.seen.append(event["name"])
        elif event["ends"]:
            self.ignoring = False
            self._reload(event["name"])

    def _reload(self, ended: str | None) -> None:
        self.seen = self._history(ended)
        self._whole = frozenset(self.seen)

    async def room(self) -> None:
        await until(lambda: not self.stalled, seconds=300)  # longer than any test

    def continuity_lost(self, thread_id: UUID) -> None:
        assert thread_id == self.thread_id
        self.must_resubscribe = True

    def failed(self, error: Exception) -> None:
        self.failure = error
