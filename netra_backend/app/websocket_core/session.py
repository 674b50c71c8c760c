"""A connection after its upgrade: reads commands, writes frames, ends exactly once."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from pydantic import JsonValue
from uvicorn.protocols.utils import ClientDisconnected

from netra_backend.app.streams.feed import Subscription
from netra_backend.app.streams.hub import StreamHub
from netra_backend.app.transport.frames import WireFrame
from netra_backend.app.transport.gateway_socket import GatewaySocket
from netra_backend.app.websocket_core import close_codes, responses
from netra_backend.app.websocket_core.close_cause import CloseCause, PeerClosed, ServerClose
from netra_backend.app.websocket_core.close_codes import close_reason
from netra_backend.app.websocket_core.commands.dispatcher import CommandDispatcher
from netra_backend.app.websocket_core.error_handlers import handle_websocket_error
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.websocket_core.outbound import OutboundBudget, OutboundQueue
from netra_backend.app.websocket_core.protocol import MalformedFrame, Request, decode_request
from netra_backend.app.websocket_core.rate_limit import TokenBucket
from netra_backend.app.websocket_core.session_timers import SessionTimers
from netra_backend.app.websocket_core.state_registry import (
    ConnectionRecord,
    ConnectionState,
    StateRegistry,
)
from netra_shared.auth.tokens import Claims
from netra_shared.errors import RateLimited
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SessionServices:
    """What all sessions of an instance share.

    Attributes:
        registry: changes the state of records.
        hub: the event streams.
        dispatcher: executes commands.
        limits: all limits.
        budget: the outbound budget of all sessions.
    """

    registry: StateRegistry
    hub: StreamHub
    dispatcher: CommandDispatcher
    limits: SocketLimits
    budget: OutboundBudget


class Session:
    """Runs one connection until it ends.

    Args:
        record: the record of the connection; AUTHENTICATED.
        transport: the upgraded socket.
        claims: the caller's claims.
        services: what all sessions share.
    """

    def __init__(
        self,
        record: ConnectionRecord,
        transport: GatewaySocket,
        claims: Claims,
        services: SessionServices,
    ) -> None:
        limits = services.limits
        self.record = record
        self.claims = claims
        self.limits = limits
        self.initialized = False
        # Done when everything is cleaned up.
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.subscriptions: dict[UUID, Subscription] = {}
        self._transport = transport
        self._services = services
        self._ending: asyncio.Future[CloseCause] = asyncio.get_running_loop().create_future()
        self._outbound = OutboundQueue(
            transport.writer,
            max_frames=limits.outbound_frames,
            max_size=limits.outbound_bytes,
            on_overflow=lambda: self.end(ServerClose(close_codes.SLOW_CONSUMER)),
            budget=services.budget,
        )
        self._bucket = TokenBucket(limits.commands_per_second, limits.command_burst)
        # Accepted commands do not refill it: alternating them with floods must not help.
        self._refusals = TokenBucket(limits.commands_per_second, limits.max_refused_commands)
        self._loop = asyncio.get_running_loop()
        self._command: asyncio.Task[None] | None = None
        self.timers = SessionTimers(
            limits, close=self.end, notify=self.put, delivered_at=self._outbound.when_delivered
        )

    @property
    def ending(self) -> CloseCause | None:
        """The cause of the end, once it is decided."""
        return self._ending.result() if self._ending.done() else None

    @property
    def queued(self) -> int:
        """Number of queued outbound frames."""
        return len(self._outbound)

    # Called from other components -------------------------------------------------------------

    def end(self, ending: CloseCause) -> None:
        """End the session; the first cause counts."""
        if not self._ending.done():
            self._ending.set_result(ending)

    def drain(self, reconnect_after_ms: int) -> None:
        """Notify the client to reconnect to another instance; refuse new runs from now on."""
        if not self._ending.done():
            self._services.registry.advance(self.record, ConnectionState.DRAINING)
            self.put(responses.draining_frame(reconnect_after_ms))

    def put(self, frame: WireFrame) -> None:
        """Queue a frame; a full queue ends the session as a slow consumer."""
        self._outbound.put(frame)

    @property
    def deliver(self) -> Callable[[WireFrame], None]:
        """Implement ``EventSink``: the queue's method, which saves a call per event."""
        return self._outbound.deliver

    def show_operations(self, fleet: Mapping[str, JsonValue]) -> None:
        """Send the operations view, unless a renewed token no longer has the role."""
        if self.claims.is_operator:
            self.put(responses.operations_frame(fleet))

    async def room(self) -> None:
        """Implement ``EventSink``."""
        await self._outbound.room()

    def continuity_lost(self, thread_id: UUID) -> None:
        """Implement ``EventSink``: end; the client reconnects, resumes and reloads."""
        self.end(ServerClose(close_codes.UNAVAILABLE, f"continuity lost in thread {thread_id}"))

    def failed(self, error: Exception) -> None:
        """Implement ``EventSink``: end with an error id, or without one if the client is gone."""
        error_id = handle_websocket_error(error)
        if error_id is None:
            self.end(PeerClosed(1006, "transport lost"))
        else:
            self.end(ServerClose(close_codes.INTERNAL_ERROR, f"error_id={error_id}", error_id))

    # Implements Receiver ------------------------------------------------------------------

    def on_text(self, text: str) -> None:
        """Process one command."""
        if self._ending.done():
            return
        try:
            self._handle(text)
        except Exception as error:  # noqa: BLE001  the last line of defence of a connection
            self.failed(error)

    def on_binary(self, _data: bytes) -> None:
        """End: the protocol has no binary frames."""
        self.record.frames_in += 1
        self.end(ServerClose(close_codes.BAD_HANDSHAKE, "binary frames are not used"))

    def on_writable(self) -> None:
        """Send queued frames."""
        self._outbound.flush()

    def on_closed(self, code: int, reason: str) -> None:
        """End: the client closed or disconnected."""
        self.end(PeerClosed(code, reason))

    # The life of a session ----------------------------------------------------------------

    async def run(self) -> CloseCause:
        """Serve until the session ends; return the cause after the clean-up."""
        self.timers.start(self.claims.exp)
        try:
            self._transport.attach(self)
            ending = await asyncio.shield(self._ending)
        finally:
            self.timers.stop()
            self._transport.hold()
            if self._command is not None:
                self._command.cancel()
                await asyncio.gather(self._command, return_exceptions=True)
            await self._services.dispatcher.end(self)
            await self._flush_and_close()
            self.record.frames_out = self._outbound.taken
            self._outbound.close()
            self.ended.set_result(None)
        return ending

    async def _flush_and_close(self) -> None:
        """Send the queue and the close frame, each within its deadline."""
        ending = self.ending
        if not isinstance(ending, ServerClose):
            await self._transport.stop()
            return
        with swallowed(_log, "close_not_delivered", TimeoutError, OSError, ClientDisconnected):
            try:
                if ending.flush:
                    async with asyncio.timeout(self.limits.close_seconds):
                        await self._outbound.emptied()
            finally:
                async with asyncio.timeout(self.limits.close_seconds):
                    await self._transport.close(
                        ending.close.code, close_reason(ending.reason or ending.close.name)
                    )

    def _handle(self, frame: str) -> None:
        now = self._loop.time()
        self.record.frames_in += 1
        self.timers.active(now)
        if len(frame) > self.limits.max_frame_bytes:
            self.end(ServerClose(close_codes.FRAME_TOO_LARGE))
            return
        wait = self._bucket.take(now)
        try:
            request = decode_request(frame)
        except MalformedFrame as malformed:
            self.put(
                responses.error_frame(malformed.request_id, responses.malformed_error(malformed))
            )
            self._count_refusal(wait, now)
            return
        if wait > 0:
            limited = RateLimited("Too many commands on this connection.", retry_after=wait)
            self.put(responses.error_frame(request.id, responses.netra_error(limited)))
            self._count_refusal(wait, now)
            return
        answer = self._services.dispatcher.answer_immediately(self, request)
        if answer is not None:
            self.put(answer)
            return
        # One command at a time, in order: the next is read after the answer of this one.
        self._transport.hold()
        self._command = self._loop.create_task(self._execute(request), name="socket-command")

    async def _execute(self, request: Request) -> None:
        try:
            frame, subscriptions = await self._services.dispatcher.execute(self, request)
            self.put(frame)
            for subscription in subscriptions:
                self._services.hub.start_delivery(subscription)
        except Exception as error:  # noqa: BLE001  the last line of defence of a connection
            self.failed(error)
        self._command = None
        self._transport.release()

    def _count_refusal(self, wait: float, now: float) -> None:
        """End a client that sends too many commands above the rate."""
        if wait > 0 and self._refusals.take(now) > 0:
            self.end(ServerClose(close_codes.TOO_MANY_CONNECTIONS, "too many frames"))
