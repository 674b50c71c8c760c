"""The ASGI side of one socket: handshake answers, messages, close."""

import json
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from netra_backend.app.websocket_core.closing import PeerClosed
from netra_shared.errors import NetraError
from netra_shared.problem import PROBLEM_TYPE, problem_document, problem_headers


class AsgiTransport:
    """Implements ``session.Transport`` on Starlette's WebSocket."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket

    async def receive(self) -> str | bytes | PeerClosed:
        """Implement ``Transport.receive``."""
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            return PeerClosed(message.get("code", 1005), message.get("reason") or "")
        text: str | None = message.get("text")
        if text is not None:
            return text
        data: bytes = message.get("bytes") or b""
        return data

    async def send(self, frame: str) -> None:
        """Implement ``Transport.send``."""
        await self._websocket.send({"type": "websocket.send", "text": frame})

    async def close(self, code: int, reason: str) -> None:
        """Implement ``Transport.close``."""
        await self._websocket.close(code, reason)

    async def accept(self, subprotocol: str | None) -> None:
        """Upgrade.

        Raises:
            WebSocketDisconnect: the client left before the answer.
        """
        await self._websocket.accept(subprotocol)

    async def refuse(self, error: NetraError) -> None:
        """Answer with ``error`` as a problem document instead of upgrading."""
        if "websocket.http.response" not in self._websocket.scope.get("extensions", {}):
            await self._websocket.close()  # the server can only say 403
            return
        headers = {**problem_headers(error), "Content-Type": PROBLEM_TYPE}
        await self._websocket.send(
            {
                "type": "websocket.http.response.start",
                "status": error.status,
                "headers": [(n.lower().encode(), v.encode()) for n, v in headers.items()],
            }
        )
        body = json.dumps(problem_document(error)).encode()
        await self._websocket.send({"type": "websocket.http.response.body", "body": body})

    async def connect(self) -> None:
        """Take the connect message that precedes every answer.

        Raises:
            WebSocketDisconnect: the client left before.
        """
        message: Any = await self._websocket.receive()
        if message["type"] != "websocket.connect":
            raise WebSocketDisconnect(1006)
