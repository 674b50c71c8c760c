"""What a client says to each kind of server: the same work in three languages. Pure."""

import json
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID, uuid4

FRAME_BYTES = 128  # of one echo, envelope included


class Dialect(Protocol):
    """How to talk to one kind of server."""

    @property
    def path(self) -> str:
        """Where the socket is."""

    def headers(self, token: str) -> dict[str, str]:
        """Return what the upgrade request carries."""

    def opening(self, token: str) -> list[tuple[bytes, bytes]]:
        """Return what is said after the upgrade: wait for a frame that starts so, then send.

        An empty first part: nothing is waited for.
        """

    @property
    def ready(self) -> bytes:
        """Return how the frame starts that ends the opening; empty: the upgrade ends it."""

    @property
    def echo(self) -> bytes:
        """Return a request of ``FRAME_BYTES`` whose answer starts with ``echo_answer``."""

    @property
    def echo_answer(self) -> bytes:
        """Return how that answer starts."""

    def order(self, events: int, every: int) -> bytes:
        """Return the wish for ``events`` broadcasts, one every ``every`` milliseconds."""


@dataclass(frozen=True)
class Plain:
    """Bare servers: text is echoed."""

    path: str = "/ws"
    ready: bytes = b""
    echo: bytes = b'{"m":"' + b"x" * (FRAME_BYTES - 8) + b'"}'
    echo_answer: bytes = b'{"m"'

    def headers(self, token: str) -> dict[str, str]:
        """Offer the token as a subprotocol."""
        return {"Sec-WebSocket-Protocol": f"jwt-auth, jwt.{token}"}

    def opening(self, _token: str) -> list[tuple[bytes, bytes]]:
        """Say nothing."""
        return []

    def order(self, events: int, every: int) -> bytes:
        """Order by a short frame."""
        return json.dumps({"events": events, "every": every}).encode()


def _socket_io_echo() -> bytes:
    frame = b'42["m","' + b"x" * FRAME_BYTES
    return frame[: FRAME_BYTES - 2] + b'"]'


@dataclass(frozen=True)
class SocketIo:
    """Engine.IO 4 and Socket.IO 5 on a WebSocket."""

    path: str = "/socket.io/?EIO=4&transport=websocket"
    ready: bytes = b"40{"
    echo: bytes = _socket_io_echo()
    echo_answer: bytes = b'42["m"'

    def headers(self, _token: str) -> dict[str, str]:
        """Carry nothing: the token comes in the connect packet."""
        return {}

    def opening(self, token: str) -> list[tuple[bytes, bytes]]:
        """Connect to the namespace when Engine.IO has opened."""
        return [(b"0{", b"40" + json.dumps({"token": token}).encode())]

    def order(self, events: int, every: int) -> bytes:
        """Order by an event."""
        return b'42["events",' + json.dumps({"events": events, "every": every}).encode() + b"]"


def _request(number: str, method: str, params: dict[str, Any]) -> bytes:
    request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    return json.dumps(request, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Netra:
    """JSON-RPC; every socket subscribes to ``thread_id``, from ``offset`` on if there is one."""

    thread_id: UUID
    epoch: str | None = None
    offset: int = 0
    path: str = "/ws"
    ready: bytes = b'{"jsonrpc":"2.0","id":"open"'
    echo_answer: bytes = b'{"jsonrpc":"2.0","id":"p'

    @property
    def echo(self) -> bytes:
        """A ``ping`` whose id fills the frame up; ids may have 64 characters."""
        base = len(_request("", "ping", {}))
        return _request("p" * min(64, FRAME_BYTES - base), "ping", {}).ljust(FRAME_BYTES)

    def headers(self, token: str) -> dict[str, str]:
        """Offer the token as a subprotocol."""
        return {"Sec-WebSocket-Protocol": f"jwt-auth, jwt.{token}"}

    def opening(self, _token: str) -> list[tuple[bytes, bytes]]:
        """Initialize and subscribe."""
        wanted: dict[str, Any] = {"threadId": str(self.thread_id)}
        if self.epoch is not None:
            wanted["position"] = {"epoch": self.epoch, "offset": self.offset}
        params = {
            "protocolVersion": 1,
            "client": {"name": "bench", "version": "1"},
            "subscriptions": [wanted],
        }
        return [(b"", _request("open", "initialize", params))]

    def order(self, events: int, every: int) -> bytes:
        """Order by a run."""
        content = json.dumps({"events": events, "every": every})
        params = {
            "threadId": str(self.thread_id),
            "commandId": str(uuid4()),
            "message": {"id": str(uuid4()), "content": content},
        }
        return _request("order", "run.start", params)
