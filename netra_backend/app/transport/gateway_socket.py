"""The port of a WebSocket for the gateway, and its implementation on ``WebSocketProtocol``.

``AsgiSocket`` implements it on any other ASGI server; ``open_socket`` selects one.
"""

from collections.abc import Coroutine, MutableMapping
from typing import Any, Protocol

from netra_backend.app.transport.asgi_bridge import DIRECT
from netra_backend.app.transport.asgi_socket import AsgiSocket, Receive, Send
from netra_backend.app.transport.connection import WebSocketProtocol
from netra_backend.app.transport.frames import WireFrame
from netra_backend.app.transport.receiver import Receiver
from netra_backend.app.transport.upgrade import HeaderList


class Writer(Protocol):
    """Writes frames of one connection."""

    @property
    def writable(self) -> bool:
        """Whether the client reads fast enough."""

    def write(self, frame: WireFrame) -> None:
        """Send one frame without waiting; call it only while ``writable``."""


class GatewaySocket(Protocol):
    """One connection: ``connect``, then ``accept`` or ``refuse``; the rest after ``accept``."""

    @property
    def writer(self) -> Writer:
        """Writes frames after ``attach``; ``on_writable`` reports when it is writable again."""

    async def connect(self) -> None:
        """Receive the connection request.

        Raises:
            ClientDisconnected: the client disconnected first.
        """

    async def accept(self, subprotocol: str | None) -> None:
        """Upgrade.

        Raises:
            ClientDisconnected: the client disconnected before the answer.
        """

    async def refuse(self, status: int, headers: HeaderList, body: bytes) -> None:
        """Answer with HTTP instead of upgrading."""

    async def serve(self, life: Coroutine[Any, Any, None]) -> None:
        """Run the connection's life after its handshake; it may continue after this returns."""

    def attach(self, receiver: Receiver) -> None:
        """Deliver to ``receiver`` from now on."""

    def hold(self) -> None:
        """Deliver no further message until ``release``."""

    def release(self) -> None:
        """Resume the delivery, held messages first."""

    async def close(self, code: int, reason: str) -> None:
        """Send a close frame after the written frames; stop the delivery."""

    async def stop(self) -> None:
        """Release a connection whose client has disconnected."""


class DirectSocket:
    """Implements ``GatewaySocket`` on our own protocol class."""

    def __init__(self, connection: WebSocketProtocol) -> None:
        self.writer: Writer = connection
        self._connection = connection
        self.attach = connection.attach
        self.hold = connection.hold
        self.release = connection.release

    async def connect(self) -> None:
        """Implement ``GatewaySocket``: the request has already been received."""

    async def accept(self, subprotocol: str | None) -> None:
        """Implement ``GatewaySocket``."""
        self._connection.require_accept(subprotocol)

    async def refuse(self, status: int, headers: HeaderList, body: bytes) -> None:
        """Implement ``GatewaySocket``."""
        self._connection.refuse(status, headers, body)

    async def serve(self, life: Coroutine[Any, Any, None]) -> None:
        """Implement ``GatewaySocket``: the ASGI application returns before the life ends."""
        self._connection.detach(life)

    async def close(self, code: int, reason: str) -> None:
        """Implement ``GatewaySocket``; the connection enforces its own deadline."""
        self._connection.close(code, reason)

    async def stop(self) -> None:
        """Implement ``GatewaySocket``: there is nothing to release."""


def open_socket(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> GatewaySocket:
    """Return the socket of an ASGI connection, on the protocol class itself where possible."""
    direct = scope.get("extensions", {}).get(DIRECT)
    if direct is not None:
        return DirectSocket(direct["connection"])
    return AsgiSocket(scope, receive, send)
