"""One WebSocket under uvicorn: bytes in, callbacks out. The I/O shell around the pure parts.

Named by ``uvicorn --ws netra_backend.app.transport.connection:WebSocketProtocol``
it serves any ASGI application. An application that finds ``DIRECT`` among the scope's extensions
may attach a ``Receiver`` and skip ASGI's dictionaries, queues and task switches.
"""

import asyncio
import socket
from asyncio import BaseTransport, Transport
from collections import deque
from collections.abc import Coroutine, Iterable
from enum import IntEnum
from typing import Any, ClassVar, Final, cast

from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected, get_local_addr, get_remote_addr, is_ssl
from uvicorn.server import ServerState

from netra_backend.app.transport import frames
from netra_backend.app.transport.asgi_bridge import AsgiBridge
from netra_backend.app.transport.frames import WireFrame
from netra_backend.app.transport.keepalive import Keepalive
from netra_backend.app.transport.parser import (
    Close,
    Event,
    FrameParser,
    Ping,
    Pong,
    Violation,
)
from netra_backend.app.transport.receiver import Receiver
from netra_backend.app.transport.upgrade import (
    UpgradeHead,
    UpgradeRefused,
    accept_response,
    parse_head,
    refusal_response,
)
from netra_backend.app.websocket_core.close_codes import NORMAL

ABNORMAL: Final = 1006
GOING_AWAY: Final = 1001
SERVICE_RESTART: Final = 1012


class Phase(IntEnum):
    """How far a connection has come."""

    CONNECTING = 0  # the request is here, the answer is not given
    OPEN = 1
    CLOSING = 2  # our close frame is on its way, or HTTP refused
    CLOSED = 3  # the transport is gone


class WebSocketProtocol(asyncio.Protocol):
    """The server's side of one connection.

    Bounds: one incomplete message of ``ws_max_size`` bytes; while the receiver holds, what one
    read brought and nothing more; one pong, the latest, while the peer does not read.
    """

    # A broadcast touches every connection once, with cold caches: no dictionaries on the way.
    __slots__ = (
        "_backlog", "_begun", "_deadline", "_head", "_held", "_keepalive", "_owed_pong", "_parser",
        "_reading", "_receiver", "app_state", "config", "detached", "is_open", "loop", "phase",
        "server_state", "transport", "writable",
    )  # fmt: skip

    close_seconds: ClassVar[float] = 10.0
    """Deadline for the peer's part of the closing handshake; then the transport is aborted."""

    unresponsive: ClassVar[tuple[int, str]] = (GOING_AWAY, "no answer to ping")
    """Code and reason of the close of a peer that shows no sign of life."""

    send_buffer_bytes: ClassVar[int | None] = None
    """What the kernel may hold for a peer that does not read; None leaves it to the kernel, which
    grows to 4 MiB for each (tcp_wmem), outside of what this process can see or bound."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.config = config
        self.app_state = app_state
        self.server_state = server_state
        self.loop = _loop or asyncio.get_running_loop()
        self.transport: Transport
        self.phase = Phase.CONNECTING
        self.is_open = False  # whether ``phase`` is OPEN, for the path of every frame
        self.writable = True
        self.detached = False
        self._head: UpgradeHead | None = None
        self._begun = False
        self._parser = FrameParser(config.ws_max_size)
        self._receiver: Receiver | None = None
        self._held = True  # until someone is attached
        self._backlog: list[Event] = []
        self._reading = True
        self._owed_pong: bytes | None = None
        self._keepalive: Keepalive | None = None
        self._deadline: asyncio.TimerHandle | None = None

    # What the event loop calls ------------------------------------------------------------

    def connection_made(self, transport: BaseTransport) -> None:
        """Take over the transport from the HTTP server."""
        self.transport = cast("Transport", transport)  # uvloop's is none by class
        connections: Any = self.server_state.connections  # typed as uvicorn's own classes only
        connections.add(self)
        kernel = self.transport.get_extra_info("socket")
        if self.send_buffer_bytes is not None and kernel is not None:
            kernel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.send_buffer_bytes)

    def data_received(self, data: bytes) -> None:
        """Take the handshake's head first, frames after it."""
        if not self._begun:
            self._begun = True
            self._begin(data)
            return
        if self._keepalive is not None:
            self._keepalive.heard()
        for event in self._parser.feed(data):
            if type(event) is str and not self._held:
                self._receiver.on_text(event)  # type: ignore[union-attr]
            else:
                self._take(event)
        if self._backlog and self._reading and not self.transport.is_closing():
            self._reading = False
            self.transport.pause_reading()

    def eof_received(self) -> None:
        """Let the transport close: a peer that half-closes without a close frame is gone."""

    def pause_writing(self) -> None:
        """Note that the peer does not read fast enough."""
        self.writable = False

    def resume_writing(self) -> None:
        """Go on where ``pause_writing`` stopped."""
        self.writable = True
        if self._owed_pong is not None:
            payload, self._owed_pong = self._owed_pong, None
            self._pong(payload)
        if self._receiver is not None and self.phase is Phase.OPEN:
            self._receiver.on_writable()

    def connection_lost(self, _error: Exception | None) -> None:
        """Tell the receiver, behind what it has not taken yet."""
        connections: Any = self.server_state.connections
        connections.discard(self)
        was, self.phase = self.phase, Phase.CLOSED
        self.is_open = False
        self._stop_timers()
        self._owed_pong = None
        self.writable = True  # nobody may wait for a buffer that nobody empties
        if self._receiver is not None:
            self._receiver.on_writable()
        if was is not Phase.CLOSING:
            self._take(Close(ABNORMAL, ""))

    def shutdown(self) -> None:
        """Obey the server's stop: RFC 6455 and IANA name 1012 for it."""
        if self.phase is Phase.CONNECTING:
            self.refuse(503, [(b"retry-after", b"1")], b"")
            self._notify_closed(ABNORMAL, "")
        elif self.phase is Phase.OPEN:
            self.close(SERVICE_RESTART, "")
            self._notify_closed(SERVICE_RESTART, "")

    @property
    def lost(self) -> bool:
        """Whether the transport is gone; what is written goes nowhere then."""
        return self.phase is Phase.CLOSED

    # What the receiver calls --------------------------------------------------------------

    def accept(self, subprotocol: str | None, headers: Iterable[tuple[bytes, bytes]] = ()) -> bool:
        """Upgrade; returns whether the peer is still there."""
        if self.phase is not Phase.CONNECTING or self._head is None:
            return False
        answer = accept_response(
            self._head, subprotocol, (*self.server_state.default_headers, *headers)
        )
        self.phase = Phase.OPEN
        self.is_open = True
        self._head = None
        self.transport.write(answer)
        if self.config.ws_ping_interval:
            self._keepalive = Keepalive(
                interval=self.config.ws_ping_interval,
                timeout=self.config.ws_ping_timeout,
                ping=self._send_ping,
                dead=self._peer_unresponsive,
                listening=lambda: self._reading,
            )
            self._keepalive.start()
        return True

    def require_accept(self, subprotocol: str | None) -> None:
        """Upgrade.

        Raises:
            ClientDisconnected: the peer left before the answer.
        """
        if not self.accept(subprotocol):
            raise ClientDisconnected

    def refuse(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None:
        """Answer with HTTP instead of upgrading, and end the connection."""
        if self.phase is not Phase.CONNECTING:
            return
        fields = [*self.server_state.default_headers, *headers]
        named = any(name.lower() == b"content-length" for name, _ in fields)
        self.phase = Phase.CLOSING
        self.transport.write(refusal_response(status, fields, body, length=not named))
        self._abort_later()
        self.transport.close()

    def attach(self, receiver: Receiver) -> None:
        """Deliver to ``receiver`` from here on, first what has waited."""
        self._receiver = receiver
        self.release()

    def hold(self) -> None:
        """Deliver no further message until ``release``."""
        self._held = True

    def release(self) -> None:
        """Deliver again: what waited, then what arrives."""
        if self.phase is Phase.CLOSING or self._receiver is None:
            return
        self._held = False
        if self._backlog:
            self._deliver_backlog()
        if not self._backlog:
            self._resume_reading()

    def detach(self, life: Coroutine[Any, Any, None]) -> None:
        """Let ``life`` go on with the connection when the application returns.

        The request's scope and the frames of everything that the application is made of are freed
        then: half of what an idle socket takes. The server awaits ``life`` at its shutdown.
        """
        self.detached = True
        task = self.loop.create_task(life)
        self.server_state.tasks.add(task)
        task.add_done_callback(self._on_life_done)

    def _on_life_done(self, task: asyncio.Task[None]) -> None:
        self.server_state.tasks.discard(task)
        self.close(NORMAL.code, "")  # nothing happens when that was done, as it should be

    def write(self, frame: WireFrame) -> None:
        """Write one frame; look at ``writable`` before, or the buffer grows without a bound."""
        if self.is_open:
            self.transport.write(frame)

    def close(self, code: int, reason: str) -> None:
        """Send a close frame and wait for the peer's, at most ``close_seconds``.

        Behind a peer that does not read, the frame may never get out; the deadline holds anyway.
        """
        if self.phase is not Phase.OPEN:
            return
        self._start_closing(code, reason)
        # What the peer still sends is read for its close frame, and not delivered.
        closed_already = any(type(event) is Close for event in self._backlog)
        self._backlog.clear()
        self._resume_reading()
        if closed_already:
            self.transport.close()

    # Inside -------------------------------------------------------------------------------

    def _begin(self, data: bytes) -> None:
        try:
            self._head = parse_head(data)
        except UpgradeRefused as refused:
            self.refuse(
                refused.status,
                [(b"content-type", b"text/plain; charset=utf-8"), *refused.headers],
                refused.detail.encode(),
            )
            return
        # Still holding: what comes before the answer waits for whoever is attached then.
        self._receiver = bridge = AsgiBridge(self, self._head)
        bridge.start()

    def _resume_reading(self) -> None:
        # A transport that is closing, as after a failed write, refuses to resume.
        if not self._reading and not self.transport.is_closing():
            self._reading = True
            self.transport.resume_reading()

    def _deliver_backlog(self) -> None:
        waiting = deque(self._backlog)
        self._backlog.clear()
        while waiting and not self._held:
            self._deliver(waiting.popleft())
        # What is left stands before whatever was taken meanwhile, unless closing dropped it all.
        if waiting and self.phase is not Phase.CLOSING:
            self._backlog[:0] = waiting

    def _take(self, event: Event) -> None:
        """Handle what is not for the receiver; deliver the rest, or keep it while it holds."""
        if type(event) is Ping:
            self._pong(event.payload)
        elif type(event) is Pong:
            pass  # that it arrived is all that matters
        elif self.phase is Phase.CLOSING:
            if type(event) is Close:
                self.transport.close()  # RFC 6455 section 7.1.1: the server closes first
        elif self._held:
            self._backlog.append(event)
        else:
            self._deliver(event)

    def _deliver(self, event: Event) -> None:
        receiver = self._receiver
        if receiver is None:
            return
        if type(event) is str:
            receiver.on_text(event)
        elif type(event) is bytes:
            receiver.on_binary(event)
        elif type(event) is Close:
            if self.phase is Phase.OPEN:
                self._start_closing(event.code, "")
                self.transport.close()
            self._notify_closed(event.code, event.reason)
        elif type(event) is Violation:
            if self.phase is Phase.OPEN:
                self._start_closing(event.code, event.reason)
                self._half_close()
            self._notify_closed(event.code, event.reason)

    def _notify_closed(self, code: int, reason: str) -> None:
        receiver, self._receiver = self._receiver, None
        self._held = True
        if receiver is not None:
            receiver.on_closed(code, reason)

    def _start_closing(self, code: int, reason: str) -> None:
        self.phase = Phase.CLOSING
        self.is_open = False
        self._held = True
        self._stop_timers()
        self.transport.write(frames.close_frame(code, reason))
        self._abort_later()

    def _half_close(self) -> None:
        """End our side only: closing with unread bytes would reset it and lose the close frame."""
        if self.transport.can_write_eof() and not self.transport.is_closing():
            self.transport.write_eof()
        else:
            self.transport.close()

    def _abort_later(self) -> None:
        self._deadline = self.loop.call_later(self.close_seconds, self.transport.abort)

    def _stop_timers(self) -> None:
        if self._keepalive is not None:
            self._keepalive.stop()
            self._keepalive = None
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _pong(self, payload: bytes) -> None:
        if self.phase is not Phase.OPEN:
            return
        if self.writable:
            self.transport.write(frames.encode_frame(frames.PONG, payload))
        else:
            # RFC 6455 section 5.5.3 allows to answer the latest ping only.
            self._owed_pong = payload

    def _send_ping(self) -> None:
        if self.writable:
            self.transport.write(frames.encode_frame(frames.PING, b""))

    def _peer_unresponsive(self) -> None:
        code, reason = self.unresponsive
        if self.phase is Phase.OPEN:
            self._start_closing(code, reason)
            self._notify_closed(code, reason)

    @property
    def addresses(self) -> tuple[tuple[str, int | None] | None, tuple[str, int] | None, str]:
        """Server, client and scheme for the ASGI scope."""
        scheme = "wss" if is_ssl(self.transport) else "ws"
        return get_local_addr(self.transport), get_remote_addr(self.transport), scheme
