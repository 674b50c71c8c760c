"""What the gateway needs of a socket, and how it gets it on our protocol class.

``AsgiSocket`` is the same on any other ASGI server; ``open_socket`` chooses.
"""

from collections.abc import Coroutine, MutableMapping
from typing import Any, Protocol

from netra_backend.app.transport.asgi_bridge import DIRECT
from netra_backend.app.transport.asgi_socket import AsgiSocket, Receive, Send
from netra_backend.app.transport.connection import WebSocketProtocol
from netra_backend.app.transport.frames import WireFrame
from netra_backend.app.transport.receiver import Receiver
from netra_backend.app.transport.refusal import refusal_parts
from netra_shared.errors import NetraError


class Writer(Protocol):
    """Where frames go."""

    @property
    def writable(self) -> bool:
        """Whether the client keeps up."""

    def write(self, frame: WireFrame) -> None:
        """Send one frame without waiting; call it only while ``writable``."""


class GatewaySocket(Protocol):
    """One socket: first ``connect``, then ``accept`` or ``refuse``, after ``accept`` the rest."""

    @property
    def writer(self) -> Writer:
        """Where frames go after ``attach``; ``on_writable`` says when it takes more again."""

    async def connect(self) -> None:
        """Take what precedes every answer.

        Raises:
            ClientDisconnected: the client left before.
        """

    async def accept(self, subprotocol: str | None) -> None:
        """Upgrade.

        Raises:
            ClientDisconnected: the client left before the answer.
        """

    async def refuse(self, error: NetraError) -> None:
        """Answer with ``error`` as a problem document instead of upgrading."""

    async def serve(self, life: Coroutine[Any, Any, None]) -> None:
        """Run the socket's life after its handshake; it may go on after this returns."""

    def attach(self, receiver: Receiver) -> None:
        """Deliver to ``receiver`` from here on."""

    def hold(self) -> None:
        """Deliver no further message until ``release``."""

    def release(self) -> None:
        """Deliver again, first what waited."""

    async def close(self, code: int, reason: str) -> None:
        """Send a close frame behind what was written; nothing is delivered afterwards."""

    async def stop(self) -> None:
        """Let go of a socket whose client is gone."""


class DirectSocket:
    """Implements ``GatewaySocket`` on our own protocol class."""

    def __init__(self, connection: WebSocketProtocol) -> None:
        self.writer: Writer = connection
        self._connection = connection
        self.attach = connection.attach
        self.hold = connection.hold
        self.release = connection.release

    async def connect(self) -> None:
        """Implement ``GatewaySocket``: the request is here already."""

    async def accept(self, subprotocol: str | None) -> None:
        """Implement ``GatewaySocket``."""
        self._connection.require_accept(subprotocol)

    async def refuse(self, error: NetraError) -> None:
        """Implement ``GatewaySocket``."""
        self._connection.refuse(*refusal_parts(error))

    async def serve(self, life: Coroutine[Any, Any, None]) -> None:
        """Implement ``GatewaySocket``: the ASGI application is done with it."""
        self._connection.hand_on(life)

    async def close(self, code: int, reason: str) -> None:
        """Implement ``GatewaySocket``; the connection enforces its own deadline."""
        self._connection.close(code, reason)

    async def stop(self) -> None:
        """Implement ``GatewaySocket``: there is nothing to let go of."""


def open_socket(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> GatewaySocket:
    """Return the socket of an ASGI connection, on the shortest way that its server offers."""
    direct = scope.get("extensions", {}).get(DIRECT)
    if direct is not None:
        return DirectSocket(direct["connection"])
    return AsgiSocket(scope, receive, send)
