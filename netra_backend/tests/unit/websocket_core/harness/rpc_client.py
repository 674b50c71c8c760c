"""A thin client of the wire on the real ``websockets`` library; it hides nothing."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import websockets
from websockets import Subprotocol
from websockets.asyncio.client import ClientConnection

ANSWER_SECONDS = 30.0


class RpcClient:
    """Sends commands, keeps notifications apart from answers, and records the transcript."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.notifications: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.transcript: list[tuple[str, str]] = []
        self._ids = itertools.count(1)

    async def send_text(self, text: str) -> None:
        self.transcript.append(("client", text))
        await self.connection.send(text)

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(ANSWER_SECONDS):
            text = await self.connection.recv()
        assert isinstance(text, str)
        self.transcript.append(("server", text))
        frame: dict[str, Any] = json.loads(text)
        return frame

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a request and return its whole answer; what comes between is queued."""
        number = next(self._ids)
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        await self.send_text(json.dumps(request))
        while True:
            frame = await self.receive()
            if frame.get("id") == number:
                return frame
            self.notifications.put_nowait(frame)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Like ``call``, for what must succeed; returns the result."""
        answer = await self.call(method, **params)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    async def initialize(self, **params: Any) -> dict[str, Any]:
        client = {"name": "test", "version": "1"}
        return await self.ask("initialize", protocolVersion=1, client=client, **params)

    async def say(self, thread_id: UUID, content: str, **params: Any) -> dict[str, Any]:
        return await self.ask(
            "run.start",
            threadId=str(thread_id),
            commandId=str(uuid4()),
            message={"id": str(uuid4()), "content": content},
            **params,
        )

    async def notification(self) -> dict[str, Any]:
        if not self.notifications.empty():
            return self.notifications.get_nowait()
        return await self.receive()

    async def events_until(self, kind: str) -> list[dict[str, Any]]:
        """Return the params of ``thread.event`` up to and with the first event of ``kind``."""
        found: list[dict[str, Any]] = []
        while True:
            frame = await self.notification()
            if frame.get("method") == "thread.event":
                found.append(frame["params"])
                if frame["params"]["event"]["type"] == kind:
                    return found

    async def closed(self) -> tuple[int, str]:
        """Read until the close and return its code and reason."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while True:
                    text = await self.connection.recv()
                    self.transcript.append(("server", str(text)))
        except websockets.ConnectionClosed as error:
            if error.rcvd is None:
                return 1006, ""
            return error.rcvd.code, error.rcvd.reason


@asynccontextmanager
async def connected(url: str, token: str, **options: Any) -> AsyncIterator[RpcClient]:
    """Connect with the token in the subprotocol, as a browser would, but without Origin."""
    async with websockets.connect(
        url,
        subprotocols=[Subprotocol("jwt-auth"), Subprotocol(f"jwt.{token}")],
        ping_interval=None,
        **options,
    ) as connection:
        yield RpcClient(connection)


@asynccontextmanager
async def ready(url: str, token: str, **params: Any) -> AsyncIterator[RpcClient]:
    """Connect and initialize."""
    async with connected(url, token) as client:
        await client.initialize(**params)
        yield client
