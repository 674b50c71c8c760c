"""A server that follows a transcript of docs/client-vectors.json, and what a client shows."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from starlette.websockets import WebSocket, WebSocketDisconnect

from netra_client import NetraClient, StreamReset
from netra_client.errors import NetraClientError
from netra_client.tests.unit.serving import serving
from netra_client.tests.unit.wire_http import HttpSide

DOCUMENT = json.loads(
    (Path(__file__).parents[3] / "docs" / "client-vectors.json").read_text(encoding="utf-8")
)
IDS: dict[str, str] = DOCUMENT["ids"]
VECTORS: list[dict[str, Any]] = DOCUMENT["vectors"]
DEADLINE = 20.0


def with_ids(value: Any) -> Any:
    """Return JSON ``value`` with the ids for their names."""
    if isinstance(value, dict):
        return {key: with_ids(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_ids(item) for item in value]
    return IDS.get(value, value) if isinstance(value, str) else value


class ScriptedServer:
    """Takes connections one after the other; ``frames`` are the requests without pings."""

    def __init__(self) -> None:
        self.url = ""
        self._sockets: asyncio.Queue[WebSocket] = asyncio.Queue()
        self._frames: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._socket: WebSocket | None = None
        self._last: dict[str, Any] = {}
        self._remembered: dict[str, Any] = {}
        self._cut = asyncio.Event()

    async def endpoint(self, websocket: WebSocket) -> None:
        """Serve one connection until the transcript or the client ends it."""
        await websocket.accept(subprotocol="jwt-auth")
        cut = self._cut = asyncio.Event()
        await self._sockets.put(websocket)
        reader = asyncio.create_task(self._read(websocket))
        cutter = asyncio.create_task(cut.wait())
        try:
            await asyncio.wait({reader, cutter}, return_when=asyncio.FIRST_COMPLETED)
            if cut.is_set():
                raise RuntimeError("cut")  # uvicorn drops the transport without a close frame
        finally:
            for task in (reader, cutter):
                task.cancel()
            await asyncio.gather(reader, cutter, return_exceptions=True)

    async def _read(self, websocket: WebSocket) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                request = json.loads(await websocket.receive_text())
                if request["method"] == "ping":
                    await self._send(websocket, {"id": request["id"], "result": {}})
                else:
                    await self._frames.put(request)

    async def play(self, step: dict[str, Any]) -> None:
        """Do one step of the server."""
        if "receive" in step:
            await self._receive(step)
            return
        assert self._socket is not None
        if "drop" in step:
            self._cut.set()
            self._socket = None
        elif "close" in step:
            await self._socket.close(step["close"])
            self._socket = None
        elif "result" in step:
            result = with_ids(step["result"])
            if self._last["method"] == "initialize":
                result = _initialized() | result
            await self._send(self._socket, {"id": self._last["id"], "result": result})
        elif "error" in step:
            request_id = step.get("id", self._last["id"])
            await self._send(self._socket, {"id": request_id, "error": step["error"]})
        elif "notify" in step:
            await self._send(self._socket, with_ids(step["notify"]))
            if step["notify"]["method"] == "connection.draining":
                self._socket = None
        else:
            await self._send(self._socket, {"method": "thread.event", "params": with_ids(step)})

    async def _receive(self, step: dict[str, Any]) -> None:
        async with asyncio.timeout(DEADLINE):
            if self._socket is None:
                self._socket = await self._sockets.get()
            self._last = await self._frames.get()
        params = self._last["params"]
        assert self._last["method"] == step["receive"]
        assert _includes(params, with_ids(step["params"])), (params, step)
        if "remember" in step:
            self._remembered[step["remember"]] = params[step["remember"]]
        if "same" in step:
            assert params[step["same"]] == self._remembered[step["same"]]

    async def _send(self, websocket: WebSocket, frame: dict[str, Any]) -> None:
        await websocket.send_text(json.dumps({"jsonrpc": "2.0", **frame}))


def _initialized() -> dict[str, Any]:
    return {
        "protocolVersion": 1,
        "connectionId": uuid4().hex,
        "instanceId": "one",
        "revision": None,
        "user": {"id": str(uuid4()), "roles": ["user"]},
        "tokenExpiresAt": 0,
        "limits": {"maxFrameBytes": 65_536},
        "subscriptions": [],
    }


def _includes(found: Any, wanted: Any) -> bool:
    """Return whether ``found`` has the members of ``wanted``; null: absent or null."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return all(_includes(found.get(key), item) for key, item in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        return len(found) == len(wanted) and all(map(_includes, found, wanted))
    return bool(found == wanted)


class Person:
    """Does the client's steps; ``shows`` and ``outcomes`` are what it observed."""

    def __init__(self, client: NetraClient) -> None:
        self._client = client
        self.shows: dict[str, list[str]] = {}
        self.outcomes: dict[str, str] = {}
        self.ended_by = ""
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def act(self, step: dict[str, Any]) -> None:
        """Start one step of the client."""
        does = self._read(step["thread"]) if step["client"] == "subscribe" else self._run(step)
        self._tasks.add(asyncio.create_task(does))

    async def until_shown(self, vector: dict[str, Any]) -> None:
        """Wait until the client has shown what ``vector`` wants, and nothing else."""
        wanted = vector.get("shows", {}), vector.get("outcomes", {}), vector.get("closed", "")

        def is_shown() -> bool:
            return (self.shows, self.outcomes, self.ended_by) == wanted

        async with asyncio.timeout(DEADLINE), self._changed:
            await self._changed.wait_for(is_shown)

    async def _note(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def leave(self) -> None:
        """End what was started, and raise what it raised."""
        for task in self._tasks:
            task.cancel()
        for end in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(end, Exception):
                raise end

    async def _read(self, thread: str) -> None:
        shown = self.shows.setdefault(thread, [])
        try:
            async with await self._client.subscribe(UUID(IDS[thread])) as stream:
                async for item in stream:
                    if isinstance(item, StreamReset):
                        if shown and shown[-1].startswith("reset"):
                            shown.pop()  # two reloads in a row show what one does
                        shown.append(f"reset {item.reason}")
                    else:
                        shown.append(f"{item.position.epoch}/{item.position.offset}")
                    await self._note()
        except NetraClientError as error:
            self.ended_by = error.code
            await self._note()

    async def _run(self, step: dict[str, Any]) -> None:
        names = {value: name for name, value in IDS.items()}
        try:
            started = await self._client.start_run(
                UUID(IDS[step["thread"]]), step["content"], command_id=uuid4(), message_id=uuid4()
            )
            self.outcomes[step["name"]] = names[str(started.run_id)]
        except NetraClientError as error:
            self.outcomes[step["name"]] = error.code
        await self._note()


@contextlib.asynccontextmanager
async def scripted_server() -> AsyncIterator[ScriptedServer]:
    """Serve; the script has the address."""
    script = ScriptedServer()
    async with serving(script.endpoint, HttpSide()) as script.url:
        yield script
