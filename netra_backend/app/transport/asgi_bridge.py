"""The ASGI side of a connection: scope, receive, send. ASGI WebSocket specification 2.5.

The bridge is the receiver of a connection until the application attaches its own.
"""

import asyncio
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any, Final, Protocol, cast
from urllib.parse import unquote

from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.server import ServerState

from netra_backend.app.transport.frames import (
    BINARY,
    NORMAL_CLOSE,
    WireFrame,
    encode_frame,
    text_frame,
)
from netra_backend.app.transport.upgrade import UpgradeHead

DIRECT: Final = "netra.websocket.direct"
"""Key of the scope's extension whose ``connection`` is the ``WebSocketProtocol`` itself."""

Message = MutableMapping[str, Any]


class BridgedConnection(Protocol):
    """The part of a connection that the bridge uses."""

    loop: asyncio.AbstractEventLoop
    server_state: ServerState
    config: Config
    app_state: dict[str, Any]
    writable: bool
    detached: bool
    on_application_error: Callable[[Exception], tuple[int, str]]

    @property
    def lost(self) -> bool:
        """Whether the transport is closed."""

    @property
    def addresses(self) -> tuple[tuple[str, int | None] | None, tuple[str, int] | None, str]:
        """Server, client and scheme."""

    def accept(self, subprotocol: str | None, headers: Iterable[tuple[bytes, bytes]] = ()) -> bool:
        """Upgrade; return whether the peer is connected."""

    def refuse(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None:
        """Answer with HTTP instead of upgrading."""

    def hold(self) -> None:
        """Pause the delivery."""

    def release(self) -> None:
        """Continue the delivery."""

    def write(self, frame: WireFrame) -> None:
        """Write one frame."""

    def close(self, code: int, reason: str) -> None:
        """Close with a code."""


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


class AsgiBridge:
    """Runs the application for one connection.

    Args:
        connection: the connection.
        head: its handshake.
    """

    def __init__(self, connection: BridgedConnection, head: UpgradeHead) -> None:
        self._connection = connection
        self._head = head
        self._inbox: list[Message] = [{"type": "websocket.connect"}]  # at most two, then ``hold``
        # Futures of a waiting application; an `asyncio.Event` for each would take 1 KiB.
        self._arrived: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._refusal: tuple[int, list[tuple[bytes, bytes]], bytearray] | None = None
        self._answered = False  # accepted or refused
        self._gone = False

    def start(self) -> None:
        """Call the application in a task that the server awaits at its shutdown."""
        connection = self._connection
        task = connection.loop.create_task(self._run(self._scope()))
        connection.server_state.tasks.add(task)
        task.add_done_callback(connection.server_state.tasks.discard)

    # Implements Receiver ------------------------------------------------------------------

    def on_text(self, text: str) -> None:
        """Queue the message and hold: the application receives one message at a time."""
        self._put({"type": "websocket.receive", "text": text})
        self._connection.hold()

    def on_binary(self, data: bytes) -> None:
        """Queue the message and hold."""
        self._put({"type": "websocket.receive", "bytes": data})
        self._connection.hold()

    def on_writable(self) -> None:
        """Wake ``send``."""
        _wake(self._writable)
        self._writable = None

    def on_closed(self, code: int, reason: str) -> None:
        """Queue the disconnect and wake the waiting calls."""
        self._gone = True
        self._put({"type": "websocket.disconnect", "code": code, "reason": reason})
        _wake(self._writable)
        self._writable = None

    def _put(self, message: Message) -> None:
        self._inbox.append(message)
        _wake(self._arrived)
        self._arrived = None

    # The application's side ---------------------------------------------------------------

    def _scope(self) -> dict[str, Any]:
        connection, head = self._connection, self._head
        server, client, scheme = connection.addresses
        root_path = connection.config.root_path
        path, _, query = head.target.partition(b"?")
        text = path.decode("ascii")
        return {
            "type": "websocket",
            "asgi": {"version": connection.config.asgi_version, "spec_version": "2.5"},
            "http_version": "1.1",
            "scheme": scheme,
            "server": server,
            "client": client,
            "root_path": root_path,
            "path": root_path + (unquote(text) if "%" in text else text),
            "raw_path": root_path.encode("ascii") + path,
            "query_string": query,
            "headers": head.headers,
            "subprotocols": head.subprotocols,
            "state": connection.app_state.copy(),
            "extensions": {
                "websocket.http.response": {},
                DIRECT: {"connection": connection},
            },
        }

    async def _run(self, scope: dict[str, Any]) -> None:
        connection = self._connection
        app = cast("Any", connection.config.loaded_app)
        code, reason = NORMAL_CLOSE, ""
        try:
            await app(scope, self._receive, self._send)
        except ClientDisconnected:
            return
        except Exception as error:  # noqa: BLE001  an application must not end the server
            code, reason = connection.on_application_error(error)
        finally:
            # Without the application the connection must end, unless it was detached.
            # At most one of these calls has an effect.
            connection.refuse(500, [(b"content-type", b"text/plain")], b"Internal Server Error")
            if not connection.detached:
                connection.close(code, reason)

    async def _receive(self) -> Message:
        while not self._inbox:
            self._connection.release()
            if not self._inbox:
                self._arrived = self._arrived or self._connection.loop.create_future()
                await asyncio.shield(self._arrived)
        return self._inbox.pop(0)

    async def _send(self, message: Message) -> None:
        connection = self._connection
        while not connection.writable and not self._gone:
            self._writable = self._writable or connection.loop.create_future()
            await asyncio.shield(self._writable)
        if self._gone or connection.lost:
            raise ClientDisconnected
        kind = message["type"]
        if not self._answered:
            self._answer(kind, message)
        elif kind == "websocket.send":
            data = message.get("bytes")
            text = message.get("text")
            if text is not None:
                connection.write(text_frame(text.encode()))
            else:
                connection.write(encode_frame(BINARY, data or b""))
        elif kind == "websocket.close":
            code, reason = message.get("code") or 1000, message.get("reason") or ""
            connection.close(code, reason)
            self.on_closed(code, reason)
        else:
            raise RuntimeError(f"Unexpected ASGI message {kind!r} after the handshake.")

    def _answer(self, kind: str, message: Message) -> None:
        connection = self._connection
        if kind == "websocket.http.response.body" and self._refusal is not None:
            status, headers, body = self._refusal
            body += message.get("body", b"")
            if not message.get("more_body", False):
                self._answered = True
                connection.refuse(status, headers, bytes(body))
                self.on_closed(1006, "")
        elif self._refusal is not None:
            raise RuntimeError(f"Expected 'websocket.http.response.body' but got {kind!r}.")
        elif kind == "websocket.accept":
            self._answered = True
            if not connection.accept(message.get("subprotocol"), message.get("headers") or ()):
                raise ClientDisconnected
        elif kind == "websocket.close":
            self._answered = True
            connection.refuse(403, [], b"")
            self.on_closed(1006, "")
        elif kind == "websocket.http.response.start":
            self._refusal = (message["status"], list(message.get("headers") or ()), bytearray())
        else:
            raise RuntimeError(
                "Expected ASGI message 'websocket.accept', 'websocket.close' or "
                f"'websocket.http.response.start' but got {kind!r}."
            )
