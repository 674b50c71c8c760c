"""``GatewaySocket`` on any ASGI server: two tasks instead of callbacks."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected

from netra_backend.app.transport.frames import WireFrame, payload_of
from netra_backend.app.transport.receiver import Receiver
from netra_backend.app.transport.upgrade import HeaderList

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class AsgiSocket:
    """Implements ``GatewaySocket`` on ``receive`` and ``send``.

    One frame is in flight at a time: ``send`` blocks while the client does not read, and
    ``writable`` is false meanwhile.
    """

    def __init__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        self.writable = True
        self.writer = self
        self._scope = scope
        self._asgi_receive = receive
        self._asgi_send = send
        self._receiver: Receiver | None = None
        self._released = asyncio.Event()
        self._released.set()
        self._reader: asyncio.Task[None] | None = None
        self._writer: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Implement ``GatewaySocket``."""
        if (await self._asgi_receive())["type"] != "websocket.connect":
            raise ClientDisconnected

    async def accept(self, subprotocol: str | None) -> None:
        """Implement ``GatewaySocket``."""
        await self._asgi_send({"type": "websocket.accept", "subprotocol": subprotocol})

    async def refuse(self, status: int, headers: HeaderList, body: bytes) -> None:
        """Implement ``GatewaySocket``."""
        if "websocket.http.response" not in self._scope.get("extensions", {}):
            await self._asgi_send({"type": "websocket.close"})  # the server answers 403
            return
        await self._asgi_send(
            {"type": "websocket.http.response.start", "status": status, "headers": headers}
        )
        await self._asgi_send({"type": "websocket.http.response.body", "body": body})

    async def serve(self, life: Coroutine[Any, Any, None]) -> None:
        """Implement ``GatewaySocket``: ASGI ends with the application."""
        await life

    def attach(self, receiver: Receiver) -> None:
        """Implement ``GatewaySocket``."""
        self._receiver = receiver
        self._reader = asyncio.create_task(self._read(receiver), name="socket-reader")

    def hold(self) -> None:
        """Implement ``GatewaySocket``."""
        self._released.clear()

    def release(self) -> None:
        """Implement ``GatewaySocket``."""
        self._released.set()

    def write(self, frame: WireFrame) -> None:
        """Implement ``GatewaySocket``."""
        self.writable = False
        self._writer = asyncio.create_task(self._write(frame), name="socket-writer")

    async def close(self, code: int, reason: str) -> None:
        """Implement ``GatewaySocket``; waits for the frame in flight."""
        self._receiver = None
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)
        await self._asgi_send({"type": "websocket.close", "code": code, "reason": reason})

    async def stop(self) -> None:
        """Cancel the tasks without a close frame: the client has disconnected."""
        self._receiver = None
        tasks = [task for task in (self._reader, self._writer) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, receiver: Receiver) -> None:
        while True:
            await self._released.wait()
            message = await self._asgi_receive()
            if self._receiver is None:
                return
            if message["type"] == "websocket.disconnect":
                self._end(message.get("code", 1005), message.get("reason") or "")
                return
            text = message.get("text")
            if text is not None:
                receiver.on_text(text)
            else:
                receiver.on_binary(message.get("bytes") or b"")

    async def _write(self, frame: WireFrame) -> None:
        try:
            await self._asgi_send({"type": "websocket.send", "text": payload_of(frame).decode()})
        except (ClientDisconnected, OSError):
            self._end(1006, "")
            return
        self.writable = True
        if self._receiver is not None:
            self._receiver.on_writable()

    def _end(self, code: int, reason: str) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.on_closed(code, reason)
