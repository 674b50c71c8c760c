"""Our protocol class with a receiver of its own: the gateway's path before any application work."""

import asyncio
import sys
from typing import Any

import jwt
import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send

from benchmarks.servers.fan_out import broadcast
from benchmarks.servers.tokens import verify_offer
from netra_backend.app.transport.asgi_bridge import DIRECT
from netra_backend.app.transport.connection import WebSocketProtocol
from netra_backend.app.transport.frames import text_frame

everyone: "set[Echo]" = set()
tasks: set[asyncio.Task[None]] = set()


def send_to_all(text: str) -> None:
    """Encode once, write to each."""
    frame = text_frame(text.encode())
    for receiver in everyone:
        if receiver.connection.writable:
            receiver.connection.write(frame)


class Echo:
    """A receiver for one connection."""

    def __init__(self, connection: WebSocketProtocol) -> None:
        self.connection = connection
        self.closed = asyncio.get_running_loop().create_future()

    def on_text(self, text: str) -> None:
        """Echo, or broadcast."""
        if len(text) < 120:
            task = asyncio.create_task(broadcast(msgspec.json.decode(text), send_to_all))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        else:
            self.connection.write(text_frame(text.encode()))

    def on_binary(self, data: bytes) -> None:
        """Nothing is sent so."""

    def on_writable(self) -> None:
        """Nothing waits."""

    def on_closed(self, _code: int, _reason: str) -> None:
        """End."""
        self.closed.set_result(None)


class App:
    """An object, so that Starlette does not wrap it."""

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        """Verify and serve."""
        connection: Any = scope["extensions"][DIRECT]["connection"]
        headers = dict(scope["headers"])
        try:
            verify_offer(headers.get(b"sec-websocket-protocol", b"").decode("latin-1"))
        except jwt.InvalidTokenError:
            connection.refuse(401, [], b"")
            return
        connection.accept("jwt-auth")
        receiver = Echo(connection)
        everyone.add(receiver)
        connection.attach(receiver)
        try:
            await receiver.closed
        finally:
            everyone.discard(receiver)


if __name__ == "__main__":
    uvicorn.run(
        Starlette(routes=[WebSocketRoute("/ws", App())]),
        port=int(sys.argv[1]),
        ws=WebSocketProtocol,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        lifespan="off",
        ws_max_size=65_536,
    )
