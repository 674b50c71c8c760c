"""A small real server of the wire, over HTTP and WebSocket, that can misbehave on request."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from netra_client.tests.unit.serving import serving
from netra_client.tests.unit.wire_http import HttpSide

DEADLINE = 30.0
TOO_MANY = {
    "code": -32007,
    "message": "The connection has too many subscriptions",
    "data": {"code": "too_many_subscriptions", "retry": "never"},
}


@dataclass
class Fault:
    """What goes wrong on one connection; counts are of ``thread.event`` frames sent on it."""

    drop_after: int | None = None  # cut the transport, no close frame
    close_after: tuple[int, int] | None = None  # (frames, close code)
    lose: frozenset[int] = frozenset()  # these frames are never sent
    repeat: frozenset[int] = frozenset()  # these are sent twice
    lose_answer_to: str = ""  # execute this method, then cut before its answer
    mute_ping: bool = False  # never answer a ping
    reject: dict[str, dict[str, Any]] = field(default_factory=dict)  # one error per method
    without_id: bool = False  # errors are answered with the id null
    reject_resumed: dict[str, Any] | None = None  # of the subscriptions inside ``initialize``


@dataclass
class Log:
    """The stream of one thread; ``trimmed`` events at its beginning are gone."""

    epoch: str = "e1"
    events: list[tuple[UUID, dict[str, Any]]] = field(default_factory=list)
    trimmed: int = 0


class Cut(Exception):
    """Ends a connection without a close frame."""


@dataclass(eq=False)
class Peer:
    """One connection."""

    websocket: WebSocket
    fault: Fault
    sent: int = 0
    next_offset: dict[UUID, int] = field(default_factory=dict)
    cut: asyncio.Event = field(default_factory=asyncio.Event)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def send(self, frame: dict[str, Any]) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await self.websocket.send_text(
                msgspec.json.encode({"jsonrpc": "2.0", **frame}).decode()
            )


class WireServer:
    """Holds threads, runs and connections; every list and counter may be read by a test."""

    def __init__(self) -> None:
        self.url = ""
        self.http = HttpSide()
        self.logs: dict[UUID, Log] = {}
        self.peers: list[Peer] = []
        self.handshakes: list[dict[str, str]] = []
        self.commands: list[tuple[int, str, dict[str, Any]]] = []
        self.runs: dict[str, UUID] = {}
        self.active: dict[UUID, UUID] = {}
        self.faults: deque[Fault] = deque()
        self.refusals: deque[tuple[int, dict[str, str], bytes]] = deque()
        self.autoplay: Callable[[str], list[dict[str, Any]]] | None = echo_events
        self.token_lifetime = 900
        self.max_subscriptions = 100
        self.closes_on: dict[str, int] = {}  # a message's content: the close code that it causes
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def log(self, thread_id: UUID) -> Log:
        return self.logs.setdefault(thread_id, Log())

    async def publish(self, thread_id: UUID, run_id: UUID, event: dict[str, Any]) -> None:
        log = self.log(thread_id)
        log.events.append((run_id, event))
        if event["type"] in {"RUN_FINISHED", "RUN_ERROR"}:
            self.active.pop(thread_id, None)
        for peer in tuple(self.peers):
            await self._flow(peer, thread_id)

    async def notify(self, method: str, params: dict[str, Any]) -> None:
        for peer in tuple(self.peers):
            await peer.send({"method": method, "params": params})

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a command or a connection has made ``condition`` true."""
        async with asyncio.timeout(DEADLINE), self._changed:
            await self._changed.wait_for(condition)

    def methods(self) -> list[str]:
        return [method for _, method, _ in self.commands]

    async def endpoint(self, websocket: WebSocket) -> None:
        self.handshakes.append({k.lower(): v for k, v in websocket.headers.items()})
        if self.refusals:
            status, headers, body = self.refusals.popleft()
            await _refuse(websocket, status, headers, body)
            return
        await websocket.accept(subprotocol="jwt-auth")
        peer = Peer(websocket, self.faults.popleft() if self.faults else Fault())
        self.peers.append(peer)
        number = len(self.handshakes)
        reader = asyncio.create_task(self._read(peer, number))
        cutter = asyncio.create_task(peer.cut.wait())
        try:
            await asyncio.wait({reader, cutter}, return_when=asyncio.FIRST_COMPLETED)
            if cutter.done():
                raise Cut  # uvicorn then drops the transport without a close frame
        finally:
            self.peers.remove(peer)
            for task in (reader, cutter):
                task.cancel()
            await asyncio.gather(reader, cutter, return_exceptions=True)
            await self._note()

    async def _read(self, peer: Peer, number: int) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                request = msgspec.json.decode(await peer.websocket.receive_text())
                await self._answer(peer, number, request)

    async def _answer(self, peer: Peer, number: int, request: dict[str, Any]) -> None:
        method, params = request["method"], request["params"]
        self.commands.append((number, method, params))
        content = params.get("message", {}).get("content")
        if content in self.closes_on:
            await peer.websocket.close(self.closes_on[content])
            return
        error = peer.fault.reject.pop(method, None)
        if method == "thread.subscribe" and self._is_full(peer, params):
            error = TOO_MANY
        muted = method == "ping" and peer.fault.mute_ping
        result, after = ({}, []) if error or muted else self._execute(peer, method, params)
        if peer.fault.lose_answer_to == method:
            peer.cut.set()
        elif error is not None:
            request_id = None if peer.fault.without_id else request["id"]
            await peer.send({"id": request_id, "error": error})
        elif not muted:
            await peer.send({"id": request["id"], "result": result})
            for thread_id in after:
                await self._flow(peer, thread_id)
        await self._note()

    def _execute(
        self, peer: Peer, method: str, params: dict[str, Any]
    ) -> tuple[dict[str, Any], list[UUID]]:
        if method == "initialize":
            items = params.get("subscriptions", ())
            if items and (error := peer.fault.reject_resumed) is not None:
                refused = [{"threadId": item["threadId"], "error": error} for item in items]
                return self._initialized(refused), []
            answers = [self._subscribe(peer, item) for item in items]
            return self._initialized(answers), [UUID(item["threadId"]) for item in answers]
        if method == "thread.subscribe":
            return self._subscribe(peer, params), [UUID(params["threadId"])]
        if method == "thread.unsubscribe":
            peer.next_offset.pop(UUID(params["threadId"]), None)
        if method == "run.start":
            return self._start(params), []
        simple: dict[str, dict[str, Any]] = {
            "run.resume": {"runId": str(uuid4()), "threadId": params.get("threadId")},
            "run.cancel": {"runId": params.get("runId"), "status": "cancelled"},
            "token.refresh": {"tokenExpiresAt": 0},
        }
        return simple.get(method, {}), []

    def _initialized(self, subscriptions: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "protocolVersion": 1,
            "connectionId": uuid4().hex,
            "instanceId": "one",
            "revision": None,
            "user": {"id": str(self.http.user_id), "roles": ["user"]},
            "tokenExpiresAt": 0,
            "limits": {"maxFrameBytes": 65_536, "maxSubscriptions": self.max_subscriptions},
            "subscriptions": subscriptions,
        }

    def _subscribe(self, peer: Peer, params: dict[str, Any]) -> dict[str, Any]:
        thread_id = UUID(params["threadId"])
        if self._is_full(peer, params):
            return {"threadId": str(thread_id), "error": TOO_MANY}
        log, position = self.log(thread_id), params.get("position")
        active = self.active.get(thread_id)
        start, reason = self._fresh_start(log, active), "no_position"
        if position is not None:
            reason = "epoch_changed" if position["epoch"] != log.epoch else "trimmed"
            if position["epoch"] == log.epoch and position["offset"] >= log.trimmed:
                start, reason = position["offset"], ""
        peer.next_offset[thread_id] = start + 1
        return {
            "threadId": str(thread_id),
            "epoch": log.epoch,
            "offset": start,
            "recovered": not reason,
            "reason": reason or None,
            "activeRunId": str(active) if active else None,
        }

    def _is_full(self, peer: Peer, params: dict[str, Any]) -> bool:
        known = UUID(params["threadId"]) in peer.next_offset
        return not known and len(peer.next_offset) >= self.max_subscriptions

    def _fresh_start(self, log: Log, active: UUID | None) -> int:
        offsets = [i for i, (run, _) in enumerate(log.events) if run == active]
        return offsets[0] if active and offsets else len(log.events)

    def _start(self, params: dict[str, Any]) -> dict[str, Any]:
        command_id, thread_id = params["commandId"], UUID(params["threadId"])
        if command_id not in self.runs:
            run_id = self.runs[command_id] = self.active[thread_id] = uuid4()
            if self.autoplay is not None:
                events = self.autoplay(params["message"]["content"])
                task = asyncio.create_task(self._play(thread_id, run_id, events))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return {
            "runId": str(self.runs[command_id]),
            "threadId": str(thread_id),
            "messageId": params["message"]["id"],
        }

    async def _play(self, thread_id: UUID, run_id: UUID, events: list[dict[str, Any]]) -> None:
        for event in events:
            await self.publish(thread_id, run_id, event)
            await asyncio.sleep(0)

    async def _flow(self, peer: Peer, thread_id: UUID) -> None:
        """Send what the peer has not been sent of a thread, with the faults of its connection."""
        async with peer.lock:
            log = self.log(thread_id)
            while not peer.cut.is_set() and thread_id in peer.next_offset:
                offset = peer.next_offset[thread_id]
                if offset > len(log.events):
                    return
                peer.next_offset[thread_id] += 1
                await self._send_event(peer, thread_id, log, offset)

    async def _send_event(self, peer: Peer, thread_id: UUID, log: Log, offset: int) -> None:
        run_id, event = log.events[offset - 1]
        peer.sent += 1
        fault, number = peer.fault, peer.sent
        params = {"threadId": thread_id, "epoch": log.epoch, "offset": offset, "runId": run_id}
        frame = {"method": "thread.event", "params": {**params, "event": event}}
        # A lost last event looks like a slow agent; only the server can notice that, and does.
        if number not in fault.lose or event["type"] == "RUN_FINISHED":
            await peer.send(frame)
        if number in fault.repeat:
            await peer.send(frame)
        if fault.close_after is not None and number == fault.close_after[0]:
            peer.next_offset.clear()
            await peer.websocket.close(fault.close_after[1])
        if number == fault.drop_after:
            peer.cut.set()

    async def _note(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def echo_events(content: str) -> list[dict[str, Any]]:
    """Return the events of a run that answers with the words of ``content``."""
    texts = [
        {"type": "TEXT_MESSAGE_CONTENT", "messageId": "m", "delta": f"{word} "}
        for word in content.split()
    ]
    return [
        {"type": "RUN_STARTED"},
        {"type": "TEXT_MESSAGE_START", "messageId": "m", "role": "assistant"},
        *texts,
        {"type": "TEXT_MESSAGE_END", "messageId": "m"},
        {"type": "RUN_FINISHED", "outcome": {"type": "success"}},
    ]


async def _refuse(ws: WebSocket, status: int, headers: dict[str, str], body: bytes) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await ws.send({"type": "websocket.http.response.start", "status": status, "headers": raw})
    await ws.send({"type": "websocket.http.response.body", "body": body})


@contextlib.asynccontextmanager
async def running_server() -> AsyncIterator[WireServer]:
    """Serve; the result has the address."""
    wire = WireServer()
    async with serving(wire.endpoint, wire.http) as wire.url:
        yield wire
