"""A person whose socket was open before the fault, and what becomes of it."""

import asyncio
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import msgspec

from netra_client import ClientTimeouts, Credential, FixedToken, NetraClient
from netra_client.connection import Connection
from netra_client.endpoint import socket_url
from netra_client.errors import CommandRejected, NetraClientError
from netra_client.handshake import offer_token
from netra_client.transport import open_socket
from tests.resilience.platform import Platform

TIMEOUTS = ClientTimeouts()
ANSWER_SECONDS = 40.0  # far above the 10 s that the server grants one command
ENDS = frozenset({"RUN_FINISHED", "RUN_ERROR"})
QUESTION = "What does close code 4413 mean?"


class Observer:
    """Holds one socket open and talks over it; never reconnects.

    Args:
        platform: running.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._notes: asyncio.Queue[tuple[str, msgspec.Raw]] = asyncio.Queue()
        self._token = platform.access_token
        self._connection: Connection
        self._reader: asyncio.Task[NetraClientError]

    async def __aenter__(self) -> Self:
        """Open the socket."""
        self._connection, self._reader = await self._open()
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Close the socket."""
        await self._connection.close()
        await asyncio.wait({self._reader}, timeout=TIMEOUTS.close)

    @property
    def is_open(self) -> bool:
        """Whether the socket is the one that was opened at first."""
        return not self._reader.done()

    async def new_thread(self) -> str:
        """Create a thread and follow it; returns its id."""
        async with NetraClient(self._platform.backend.url, FixedToken(self._token)) as client:
            thread_id = str((await client.threads.create()).id)
        await self._connection.call("thread.subscribe", {"threadId": thread_id})
        return thread_id

    async def ping(self) -> None:
        """Ask the gateway for a sign of life over the socket."""
        await self._connection.call("ping", {})

    async def open_another(self) -> None:
        """Open a second socket, ask for a sign of life over it, and close it."""
        connection, reader = await self._open()
        await connection.call("ping", {})
        await connection.close()
        await asyncio.wait({reader}, timeout=TIMEOUTS.close)

    async def ask(self, thread_id: str) -> str:
        """Send a message and follow the answer.

        Returns:
            ``RUN_FINISHED``, ``RUN_ERROR`` and its code, or the code of the command's refusal.
        """
        message = {"id": str(uuid4()), "content": QUESTION}
        params = {"threadId": thread_id, "commandId": str(uuid4()), "message": message}
        try:
            raw = await self._connection.call("run.start", params)
        except CommandRejected as error:
            return error.code
        run_id = msgspec.json.decode(raw)["runId"]
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                event = await self._next_event()
                if event["runId"] == run_id and event["event"]["type"] in ENDS:
                    return " ".join(
                        str(event["event"][key])
                        for key in ("type", "code")
                        if key in event["event"]
                    )

    async def _next_event(self) -> dict[str, Any]:
        while True:
            method, raw = await self._notes.get()
            if method == "thread.event":
                event: dict[str, Any] = msgspec.json.decode(raw)
                return event

    async def _open(self) -> tuple[Connection, "asyncio.Task[NetraClientError]"]:
        socket = await open_socket(
            socket_url(self._platform.backend.url),
            offer_token(Credential.SUBPROTOCOL, self._token),
            timeouts=TIMEOUTS,
            max_frame_bytes=2**20,
            user_agent="observer/1",
            origin=None,
        )
        connection = Connection(socket, TIMEOUTS, lambda *note: self._notes.put_nowait(note))
        reader = asyncio.create_task(connection.read_until_closed())
        introduction = {"protocolVersion": 1, "client": {"name": "observer", "version": "1"}}
        await connection.call("initialize", introduction)
        return connection, reader
