"""The transport on a real port under uvicorn and uvloop's peer, and a client of plain bytes."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from netra_backend.app.transport.asgi_bridge import DIRECT
from netra_backend.app.transport.connection import WebSocketProtocol
from netra_backend.app.transport.frames import BINARY, encode_frame, text_frame
from netra_backend.tests.unit.websocket_core.harness.waiting import until
from netra_shared.http.deadline_protocol import DeadlineHttpProtocol

SECONDS = 30.0

App = Callable[[Any, Any, Any], Any]


@asynccontextmanager
async def served(
    app: App,
    *,
    protocol: type[WebSocketProtocol] = WebSocketProtocol,
    http: type[DeadlineHttpProtocol] = DeadlineHttpProtocol,
    **options: Any,
) -> AsyncIterator[tuple[int, uvicorn.Server]]:
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, lifespan="off", log_config=None, access_log=False,
        timeout_graceful_shutdown=2, interface="asgi3", ws=protocol, http=http, **options,
    )  # fmt: skip
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    try:
        await until(lambda: server.started)
        yield server.servers[0].sockets[0].getsockname()[1], server
    finally:
        server.should_exit = True
        await task


class Recorder:
    """A direct receiver that keeps what it gets; echoes, or holds after each text, if asked to."""

    def __init__(self, *, echo: bool = False, holds: bool = False) -> None:
        self.connection: Any = None
        self.texts: list[str] = []
        self.writable_again = 0
        self.closed: asyncio.Future[tuple[int, str]] = asyncio.Future()
        self.done = asyncio.Event()
        self.echo = echo
        self.holds = holds

    async def app(self, scope: Any, _receive: Any, _send: Any) -> None:
        self.connection = scope["extensions"][DIRECT]["connection"]
        assert self.connection.accept(None)
        self.connection.attach(self)
        await self.done.wait()

    def on_text(self, text: str) -> None:
        self.texts.append(text)
        if self.echo:
            self.connection.write(text_frame(text.encode()))
        if self.holds:
            self.connection.hold()

    def on_binary(self, data: bytes) -> None:
        if self.echo:
            self.connection.write(encode_frame(BINARY, data))

    def on_writable(self) -> None:
        self.writable_again += 1

    def on_closed(self, code: int, reason: str) -> None:
        self.closed.set_result((code, reason))
        self.done.set()


async def asgi_echo(_scope: Any, receive: Any, send: Any) -> None:
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


class RawClient:
    """Bytes, without a library's opinion of them."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def frame(self) -> tuple[int, bytes]:
        async with asyncio.timeout(SECONDS):
            first, length = await self.reader.readexactly(2)
            if length == 126:
                length = int.from_bytes(await self.reader.readexactly(2))
            elif length == 127:
                length = int.from_bytes(await self.reader.readexactly(8))
            return first & 0xF, await self.reader.readexactly(length)

    async def close_code(self) -> int:
        """Return the code of the next frame, which must be a close."""
        while (found := await self.frame())[0] != 8:
            pass
        return int.from_bytes(found[1][:2])

    async def ended(self) -> bytes:
        """Return what is left until the server ends the connection."""
        async with asyncio.timeout(SECONDS):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""


@asynccontextmanager
async def dialled(port: int) -> AsyncIterator[RawClient]:
    # The small limit lets the server feel a client that does not read.
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    try:
        yield RawClient(reader, writer)
    finally:
        writer.close()


@asynccontextmanager
async def opened(port: int) -> AsyncIterator[RawClient]:
    async with dialled(port) as client:
        key = base64.b64encode(os.urandom(16)).decode()
        client.writer.write(
            (
                f"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
            ).encode()
        )
        async with asyncio.timeout(SECONDS):
            answer = await client.reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101 ")
        yield client
