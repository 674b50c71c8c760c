"""Live messages from Valkey on one connection that heals itself.

The client library would reconnect silently, and messages published meanwhile would be missing
without a trace; so this listener owns the connection's life and says when it was renewed.
"""

import asyncio
from collections.abc import Callable

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from netra_backend.app.websocket_core.errors import StreamUnavailable
from netra_shared.logging import get_logger

POLL_SECONDS = 2.0  # a silent connection is asked for a sign of life after this
SILENT_POLLS = 3  # and given up after so many without one
RETRY_SECONDS = 0.25

_log = get_logger(__name__)
_FAILURES = (RedisError, OSError, TimeoutError)


class ChannelListener:
    """Receives messages of a changing set of channels.

    Args:
        client: makes the connection; owned by the caller.
        sharded: whether the channels are sharded ones (``SSUBSCRIBE``).
        on_message: called with channel and payload, in order of arrival; must not block.
        on_connected: called after every (re)connection, once all channels are confirmed again:
            messages of the time before may be missing.
        confirm_seconds: deadline for ``subscribe``.
    """

    def __init__(
        self,
        client: Redis,
        *,
        sharded: bool,
        on_message: Callable[[bytes, bytes], None],
        on_connected: Callable[[], None],
        confirm_seconds: float,
    ) -> None:
        self._client = client
        self._sharded = sharded
        self._on_message = on_message
        self._on_connected = on_connected
        self._confirm_seconds = confirm_seconds
        self._wanted: dict[bytes, asyncio.Event] = {}  # set: confirmed on this connection
        self._pubsub: PubSub | None = None
        self._broken = False
        self._task: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether a connection is up."""
        return self._pubsub is not None

    def start(self, *channels: str) -> None:
        """Begin to listen to ``channels``; call once, inside the event loop."""
        for channel in channels:
            self._wanted[channel.encode()] = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name="channel-listener")

    async def stop(self) -> None:
        """End the task and the connection."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def subscribe(self, channel: str) -> None:
        """Return when messages of ``channel`` arrive here.

        Raises:
            StreamUnavailable: no confirmation within the deadline; the listener goes on trying.
        """
        name = channel.encode()
        confirmed = self._wanted.get(name)
        if confirmed is None:
            confirmed = self._wanted[name] = asyncio.Event()
            await self._send_subscribe(name)
        try:
            async with asyncio.timeout(self._confirm_seconds):
                await confirmed.wait()
        except TimeoutError as error:
            raise StreamUnavailable(
                "The live subscription was not confirmed in time.", retry_after=1.0
            ) from error

    async def unsubscribe(self, channel: str) -> None:
        """Stop messages of ``channel``."""
        name = channel.encode()
        if self._wanted.pop(name, None) is None or self._pubsub is None:
            return
        try:
            await (
                self._pubsub.sunsubscribe(name) if self._sharded else self._pubsub.unsubscribe(name)
            )
        except _FAILURES:
            self._broken = True

    def renew(self) -> None:
        """Replace the connection although it looks healthy."""
        self._broken = True

    async def _send_subscribe(self, *names: bytes) -> None:
        if self._pubsub is None or not names:
            return
        try:
            await (
                self._pubsub.ssubscribe(*names) if self._sharded else self._pubsub.subscribe(*names)
            )
        except _FAILURES:
            self._broken = True

    async def _run(self) -> None:
        while True:
            pubsub = self._client.pubsub()
            try:
                await pubsub.connect()  # type: ignore[no-untyped-call]
                await self._listen(pubsub)
            except _FAILURES as error:
                _log.warning("live connection lost", error_type=type(error).__name__)
            finally:
                self._pubsub = None
                for confirmed in self._wanted.values():
                    confirmed.clear()
                await pubsub.aclose()  # type: ignore[no-untyped-call]
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self, pubsub: PubSub) -> None:
        self._pubsub, self._broken = pubsub, False
        waiting_for = set(self._wanted)
        await self._send_subscribe(*waiting_for)
        if not waiting_for:
            self._on_connected()
        silent = 0
        while not self._broken:
            message = await pubsub.get_message(timeout=POLL_SECONDS)
            if message is None:
                silent += 1
                if silent > SILENT_POLLS:
                    raise TimeoutError("no sign of life")
                await pubsub.ping()
                continue
            silent = 0
            kind = message["type"]
            if kind in {"message", "smessage"}:
                self._on_message(message["channel"], message["data"])
            elif kind in {"subscribe", "ssubscribe"}:
                if (confirmed := self._wanted.get(message["channel"])) is not None:
                    confirmed.set()
                if waiting_for:
                    waiting_for.discard(message["channel"])
                    if not waiting_for:
                        self._on_connected()
