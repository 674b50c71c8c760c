"""The WebSocket protocol class for uvicorn.

``uvicorn --ws netra_backend.app.transport.connection:WebSocketProtocol`` serves any ASGI
application. An application that finds ``DIRECT`` among the extensions of the scope can attach a
``Receiver`` and avoid ASGI's dictionaries, queues and task switches.
"""

import asyncio
import socket
from asyncio import BaseTransport
from collections.abc import Callable, Coroutine, Iterable
from functools import lru_cache
from typing import Any, ClassVar

from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected, get_local_addr, get_remote_addr, is_ssl
from uvicorn.server import ServerState

from netra_backend.app.transport.asgi_bridge import AsgiBridge
from netra_backend.app.transport.frames import INTERNAL_ERROR, NORMAL_CLOSE
from netra_backend.app.transport.inbound_budget import InboundBudget
from netra_backend.app.transport.machine import MachineSettings, Phase
from netra_backend.app.transport.shell import ConnectionShell
from netra_shared.logging import get_logger

_log = get_logger(__name__)
_shared_settings = lru_cache(maxsize=16)(MachineSettings)  # one object for all connections


def _log_error(error: Exception) -> tuple[int, str]:
    _log.error("websocket application failed", exc_info=error)
    return INTERNAL_ERROR, ""


class WebSocketProtocol(ConnectionShell):
    """One connection under uvicorn. A subclass sets other limits; durations in seconds."""

    __slots__ = ("app_state", "config", "detached", "server_state")

    send_buffer_bytes: ClassVar[int | None] = None
    """Kernel send buffer of a connection. None leaves it to the kernel, which grows it up to 4 MiB
    (tcp_wmem) outside of the memory that this process can measure."""

    close_seconds: ClassVar[float] = 10.0
    """Deadline of the closing handshake; then the transport is aborted."""

    unresponsive: ClassVar[tuple[int, str]] = (1001, "no answer to ping")
    """Close code and reason for a peer that does not answer a ping."""

    flooded: ClassVar[tuple[int, str]] = (1008, "too many frames")
    """Close code and reason for a peer that exceeds ``inbound``."""

    on_application_error: Callable[[Exception], tuple[int, str]] = staticmethod(_log_error)
    """Reports an exception of the application; returns close code and reason."""

    inbound: ClassVar[InboundBudget | None] = None
    """Rates of received frames and bytes; None: unlimited."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        settings = _shared_settings(
            max_size=config.ws_max_size,
            ping_interval=config.ws_ping_interval,
            ping_timeout=config.ws_ping_timeout,
            close_seconds=self.close_seconds,
            unresponsive=self.unresponsive,
            flooded=self.flooded,
            inbound=self.inbound,
        )
        super().__init__(settings, _loop or asyncio.get_running_loop())
        self.config = config
        self.app_state = app_state
        self.server_state = server_state
        self.detached = False

    def connection_made(self, transport: BaseTransport) -> None:
        """Register the connection with the server."""
        super().connection_made(transport)
        connections: Any = self.server_state.connections  # typed for uvicorn's own classes
        connections.add(self)
        kernel = self.transport.get_extra_info("socket")
        if self.send_buffer_bytes is not None and kernel is not None:
            kernel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.send_buffer_bytes)

    def data_received(self, data: bytes) -> None:
        """Process received bytes; the first ones are the head, which starts the application."""
        super().data_received(data)
        if self._receiver is None and self._machine.head is not None:
            self._receiver = bridge = AsgiBridge(self, self._machine.head)
            bridge.start()

    def connection_lost(self, error: Exception | None) -> None:
        """Remove the connection from the server."""
        connections: Any = self.server_state.connections
        connections.discard(self)
        super().connection_lost(error)

    @property
    def lost(self) -> bool:
        """Whether the transport is closed; writes then have no effect."""
        return self._machine.phase is Phase.CLOSED

    def accept(self, subprotocol: str | None, headers: Iterable[tuple[bytes, bytes]] = ()) -> bool:
        """Upgrade with the server's default headers; return whether the peer is connected."""
        fields = (*self.server_state.default_headers, *headers)
        accepted = self._machine.accept(subprotocol, fields, self.loop.time())
        self._update()
        return accepted

    def refuse(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None:
        """Answer with HTTP and the server's default headers instead of upgrading."""
        fields = (*self.server_state.default_headers, *headers)
        self._machine.refuse(status, fields, body, self.loop.time())
        self._update()

    def shutdown(self) -> None:
        """Refuse or close: the server stops."""
        self._machine.shutdown(self.loop.time())
        self._update()

    def require_accept(self, subprotocol: str | None) -> None:
        """Upgrade.

        Raises:
            ClientDisconnected: the peer disconnected before the answer.
        """
        if not self.accept(subprotocol):
            raise ClientDisconnected

    def detach(self, life: Coroutine[Any, Any, None]) -> None:
        """Run ``life`` in a task that continues when the application returns.

        This frees the scope of the request and the application's suspended coroutines, half of
        the memory of an idle connection. The server awaits ``life`` at its shutdown.
        """
        self.detached = True
        task = self.loop.create_task(life)
        self.server_state.tasks.add(task)
        task.add_done_callback(self._on_life_done)

    def _on_life_done(self, task: asyncio.Task[None]) -> None:
        self.server_state.tasks.discard(task)
        self.close(NORMAL_CLOSE, "")  # without effect if the life has closed the connection

    @property
    def addresses(self) -> tuple[tuple[str, int | None] | None, tuple[str, int] | None, str]:
        """Server, client and scheme for the ASGI scope."""
        scheme = "wss" if is_ssl(self.transport) else "ws"
        return get_local_addr(self.transport), get_remote_addr(self.transport), scheme
