"""Live messages from Valkey on one connection that reconnects.

The client library reconnects silently, and messages published meanwhile are missing without an
error. This listener therefore owns the connection and reports each reconnection.

A connection can also be unresponsive: it answers pings, but no message arrives (a proxy that
lost its upstream, a failover, a slot that moved). The listener therefore publishes a heartbeat to
a channel of its own over another connection, and reconnects when its heartbeats do not arrive.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError, ResponseError

from netra_backend.app.streams.errors import StreamUnavailable
from netra_backend.app.streams.metrics import UNRESPONSIVE_CONNECTIONS
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.runtime.task_end import end_task

POLL_SECONDS = 2.0  # a silent connection is pinged after this time
SILENT_POLLS = 3  # pings without an answer after which the connection is replaced
RETRY_SECONDS = 0.25
TURN_SECONDS = 0.005  # longest turn of the event loop before other tasks run
MISSED_BEATS = 3  # published heartbeats that may fail to arrive before a reconnection

_log = get_logger(__name__)
# AttributeError: redis-py 8.1 writes to a connection that another task has just closed.
FAILURES = (RedisError, OSError, TimeoutError, AttributeError)


@dataclass(frozen=True, kw_only=True)
class ListenerOptions:
    """What a listener does with messages, and its deadlines.

    Attributes:
        sharded: whether the channels are sharded ones (``SSUBSCRIBE``).
        on_message: called with channel and payload, in order of arrival; must not block.
        on_connected: called after every (re)connection, once all channels are confirmed again:
            messages sent before it may be missing.
        confirm_seconds: deadline for ``subscribe``.
        beat_seconds: interval of the heartbeat; four missed ones replace the connection.
        on_unreachable: called when the heartbeat cannot be published: the store is unavailable.
    """

    sharded: bool
    on_message: Callable[[bytes, bytes], None]
    on_connected: Callable[[], None]
    confirm_seconds: float
    beat_seconds: float
    on_unreachable: Callable[[], None] = lambda: None


class ChannelListener:
    """Receives the messages of a changing set of channels.

    Args:
        client: makes the connection; owned by the caller.
        options: callbacks and deadlines.
        beat_tag: hash tag of the heartbeat's channel, which selects the node; random by default.
    """

    def __init__(
        self, client: Redis, options: ListenerOptions, *, beat_tag: str | None = None
    ) -> None:
        self._client = client
        self._options = options
        self._wanted: dict[bytes, asyncio.Event] = {}  # set: confirmed on this connection
        self._leaving: Counter[bytes] = Counter()  # unsubscribe requests without an answer yet
        self._pubsub: PubSub | None = None
        self._broken = False
        self._task: asyncio.Task[None] | None = None
        unique = uuid4().hex
        self._beat_channel = f"netra:{{{beat_tag or unique}}}:listener:{unique}"
        self._missed_beats = 0

    @property
    def connected(self) -> bool:
        """Whether a connection is open and the server has confirmed its subscriptions."""
        return self._pubsub is not None and self._wanted[self._beat_channel.encode()].is_set()

    def start(self, *channels: str) -> None:
        """Start to listen to ``channels``; call once, inside the event loop."""
        for channel in (*channels, self._beat_channel):
            self._wanted[channel.encode()] = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name="channel-listener")

    async def stop(self) -> None:
        """End the task and the connection."""
        if self._task is not None:
            await end_task(self._task)
            self._task = None

    async def subscribe(self, channel: str) -> None:
        """Return when messages of ``channel`` arrive here.

        Raises:
            StreamUnavailable: no confirmation within the deadline; the listener keeps retrying.
        """
        name = channel.encode()
        confirmed = self._wanted.get(name)
        if confirmed is None:
            confirmed = self._wanted[name] = asyncio.Event()
            await self._send_subscribe(name)
        try:
            async with asyncio.timeout(self._options.confirm_seconds):
                await confirmed.wait()
        except TimeoutError as error:
            raise StreamUnavailable(
                f"Live subscription not confirmed within {self._options.confirm_seconds} s.",
                retry_after=1.0,
            ) from error

    async def unsubscribe(self, channel: str) -> None:
        """Stop messages of ``channel``."""
        name = channel.encode()
        if self._wanted.pop(name, None) is None or self._pubsub is None:
            return
        self._leaving[name] += 1
        try:
            if self._options.sharded:
                await self._pubsub.sunsubscribe(name)
            else:
                await self._pubsub.unsubscribe(name)
        except FAILURES:
            self._broken = True

    def renew(self) -> None:
        """Replace the connection, although no error was reported."""
        self._broken = True

    async def _send_subscribe(self, *names: bytes) -> None:
        if self._pubsub is None or not names:
            return
        try:
            for name in names:  # one command each: a cluster refuses channels of several slots
                if self._options.sharded:
                    await self._pubsub.ssubscribe(name)
                else:
                    await self._pubsub.subscribe(name)
        except FAILURES:
            self._broken = True

    async def _run(self) -> None:
        while True:
            pubsub = self._client.pubsub()
            beat = asyncio.create_task(self._beat(), name="channel-heartbeat")
            try:
                await pubsub.connect()  # type: ignore[no-untyped-call]
                await self._listen(pubsub)
            except FAILURES as error:
                # One warning per outage: the retries follow four times a second.
                write = _log.warning if self.connected else _log.debug
                write("live connection lost", error_type=type(error).__name__)
            finally:
                await end_task(beat)
                self._pubsub = None
                for confirmed in self._wanted.values():
                    confirmed.clear()
                await pubsub.aclose()  # type: ignore[no-untyped-call]
            await asyncio.sleep(RETRY_SECONDS)

    async def _beat(self) -> None:
        """Publish the heartbeat forever; replace a connection on which it does not arrive."""
        publish: Any = self._client.execute_command  # untyped in redis-py
        command = "SPUBLISH" if self._options.sharded else "PUBLISH"
        confirmed = self._wanted[self._beat_channel.encode()]
        while True:
            await asyncio.sleep(self._options.beat_seconds)
            published = refused = False
            with swallowed(_log, "heartbeat_not_published", *FAILURES):
                try:
                    await publish(command, self._beat_channel, b"")
                    published = True
                except ResponseError:
                    refused = True  # the server answers, for example that a slot has moved
            if not published and not refused:
                self._options.on_unreachable()
            elif confirmed.is_set():
                self._missed_beats += 1
                if self._missed_beats > MISSED_BEATS:
                    UNRESPONSIVE_CONNECTIONS.inc()
                    _log.warning("live connection unresponsive", beats=self._missed_beats)
                    self._broken = True

    async def _listen(self, pubsub: PubSub) -> None:
        self._pubsub, self._broken, self._missed_beats = pubsub, False, 0
        self._leaving.clear()
        waiting_for = set(self._wanted)
        await self._send_subscribe(*waiting_for)
        if not waiting_for:
            self._options.on_connected()
        silent = 0
        loop = asyncio.get_running_loop()
        turn_ends = loop.time() + TURN_SECONDS
        while not self._broken:
            if loop.time() > turn_ends:
                # Reading buffered messages never waits, so yield to other tasks.
                await asyncio.sleep(0)
                turn_ends = loop.time() + TURN_SECONDS
            message = await pubsub.get_message(timeout=POLL_SECONDS)
            if message is None:
                silent += 1
                if silent > SILENT_POLLS:
                    raise TimeoutError(f"no answer to {SILENT_POLLS} pings")
                await pubsub.ping()
                continue
            silent = 0
            if self._take(message) and waiting_for:
                waiting_for.discard(message["channel"])
                if not waiting_for:
                    self._options.on_connected()

    def _take(self, message: dict[str, Any]) -> bool:
        """Process a message; return whether it confirms a subscription."""
        kind, channel = message["type"], message["channel"]
        if kind in {"message", "smessage"}:
            # Any message is a proof: under load heartbeats queue behind other messages.
            self._missed_beats = 0
            if channel != self._beat_channel.encode():
                self._options.on_message(channel, message["data"])
        elif kind in {"unsubscribe", "sunsubscribe"}:
            self._take_unsubscription(channel)
        elif kind in {"subscribe", "ssubscribe"}:
            if (confirmed := self._wanted.get(channel)) is not None:
                confirmed.set()
            return True
        return False

    def _take_unsubscription(self, channel: bytes) -> None:
        """Distinguish the answer to our own request from the server's decision to unsubscribe."""
        if self._leaving[channel] > 1:
            self._leaving[channel] -= 1
        elif self._leaving.pop(channel, 0) == 0 and channel in self._wanted:
            raise ConnectionError("the server ended a subscription")  # its slot has moved
