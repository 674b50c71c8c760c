"""A whole platform in one small process: what a deploy asks of Netra, and faults on request.

It starts in half a second, so that a whole deploy can be tested. Environment: BOARD is a directory
that all instances share, in place of Valkey. FAULT is one of

- ``open``: takes every token, so that the verification must refuse it;
- ``canary``: refuses pings of the synthetic clients, so that only the verdict can notice;
- ``exit``: ends at its start.
"""

import asyncio
import base64
import contextlib
import json
import os
import sys
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

TOKEN = "small.access.token"
WRONG_PASSWORD = "wrong"
RELEASE = os.environ.get("NETRA_RELEASE", "")
REVISION = os.environ.get("K_REVISION", "")
FAULT = os.environ.get("FAULT", "")
BOARD = Path(os.environ["BOARD"])
INSTANCE = uuid.uuid4().hex[:8]
USER = {"id": str(uuid.uuid4()), "email": "check@example.com", "roles": ["user", "operator"]}
POLL_SECONDS = 0.05
SERVICE_RESTART = 1012
SOCKETS: dict[WebSocket, float] = {}


def write(path: Path, value: object) -> None:
    partial = path.with_suffix(f".{INSTANCE}")
    partial.write_text(json.dumps(value))
    partial.replace(path)


def show() -> None:
    """Publish what this instance holds."""
    facts = {"instance": INSTANCE, "revision": REVISION, "release": RELEASE, "runs": 0}
    write(BOARD / f"{os.getpid()}.instance", facts | {"sockets": len(SOCKETS)})


def instances() -> list[dict[str, Any]]:
    """Return what the living instances hold."""
    found = [path for path in BOARD.glob("*.instance") if Path(f"/proc/{path.stem}").exists()]
    return [json.loads(path.read_text()) for path in found]


def epoch() -> dict[str, Any]:
    path = BOARD / "epoch"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


async def follow_epoch() -> None:
    """Let sockets that are older than a foreign epoch leave."""
    while True:
        present = epoch()
        if present and present["release"] != RELEASE:
            for socket, opened in list(SOCKETS.items()):
                if opened < present["at"]:
                    SOCKETS.pop(socket)
                    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                        await socket.close(SERVICE_RESTART)
            show()
        await asyncio.sleep(POLL_SECONDS)


async def health(_: Request) -> Response:
    facts = {"status": "pass", "releaseId": REVISION, "build": os.environ["BUILD"]}
    return JSONResponse(facts)


async def sign_in(request: Request) -> Response:
    if (await request.json()).get("password") == WRONG_PASSWORD:
        problem = {"code": "invalid_credentials", "detail": "Wrong password.", "status": 401}
        return JSONResponse(problem, 401)
    tokens = {"access_token": TOKEN, "expires_in": 900, "refresh_token": "r"}
    return JSONResponse(tokens | {"user": USER}, 201)


async def me(_: Request) -> Response:
    return JSONResponse(USER)


async def make_thread(request: Request) -> Response:
    now = "2026-01-01T00:00:00Z"
    return JSONResponse({"id": (await request.json())["id"], "createdAt": now, "updatedAt": now})


async def release(request: Request) -> Response:
    if request.method == "PUT":
        wanted = await request.json()
        write(BOARD / "epoch", wanted | {"at": time.time(), "instance": INSTANCE})
    return JSONResponse({"release": epoch().get("release"), "instances": instances()})


async def report(request: Request) -> Response:
    """Keep what the operations page would show."""
    write(BOARD / f"{time.time_ns()}.report", await request.json())
    return Response(status_code=204)


def accepted(socket: WebSocket) -> bool:
    offered = socket.scope.get("subprotocols", [])
    given = next((one.removeprefix("jwt.") for one in offered if one.startswith("jwt.")), "")
    encoded = base64.urlsafe_b64encode(TOKEN.encode()).decode().rstrip("=")
    return FAULT == "open" or given in {TOKEN, encoded}


async def socket(websocket: WebSocket) -> None:
    if not accepted(websocket):
        await refuse(websocket)
        return
    await websocket.accept("jwt-auth")
    SOCKETS[websocket] = time.time()
    show()
    try:
        await converse(websocket)
    except (WebSocketDisconnect, RuntimeError):
        return
    finally:
        SOCKETS.pop(websocket, None)
        show()


async def refuse(websocket: WebSocket) -> None:
    """Refuse as docs/protocol.md says: a browser can read a close code only."""
    if "origin" in websocket.headers:
        await websocket.accept("jwt-auth")
        await websocket.close(4401, "token_invalid")
        return
    problem = {"code": "token_invalid", "detail": "The token is not valid.", "status": 401}
    await websocket.send_denial_response(JSONResponse(problem, 401))


async def converse(websocket: WebSocket) -> None:
    client = ""
    while True:
        request = json.loads(await websocket.receive_text())
        params, method = request["params"], request["method"]
        if method == "initialize":
            client = params["client"]["name"]
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
        if FAULT == "canary" and client == "netra-deploy" and method == "ping":
            answer["error"] = {"code": -32099, "message": "broken", "data": {"code": "broken"}}
        else:
            answer["result"] = result(method, params)
        await websocket.send_json(answer)
        if method == "run.start":
            await stream(websocket, params["threadId"], answer["result"]["runId"])


def result(method: str, params: dict[str, Any]) -> dict[str, Any]:
    match method:
        case "initialize":
            return {
                "protocolVersion": params["protocolVersion"],
                "connectionId": "c1",
                "instanceId": INSTANCE,
                "user": USER,
                "tokenExpiresAt": time.time() + 900,
                "revision": REVISION,
            }
        case "thread.subscribe":
            return {"threadId": params["threadId"], "epoch": "e1", "offset": 0}
        case "run.start":
            ids = {"threadId": params["threadId"], "messageId": params["message"]["id"]}
            return ids | {"runId": str(uuid.uuid4())}
        case "operations.subscribe":
            facts = {"instanceId": INSTANCE, "revision": REVISION, "lateImports": 0}
            return {"instances": [facts]}
        case _:
            return {}


async def stream(websocket: WebSocket, thread: str, run: str) -> None:
    events: list[dict[str, Any]] = [
        {"type": "RUN_STARTED", "threadId": thread, "runId": run},
        {"type": "TEXT_MESSAGE_CONTENT", "messageId": "m1", "delta": "4413: slow consumer"},
        {"type": "RUN_FINISHED", "threadId": thread, "runId": run},
    ]
    for offset, event in enumerate(events, 1):
        place = {"threadId": thread, "runId": run, "epoch": "e1", "offset": offset}
        params = place | {"event": event}
        await websocket.send_json({"jsonrpc": "2.0", "method": "thread.event", "params": params})


@contextlib.asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    show()
    task = asyncio.create_task(follow_epoch())
    yield
    task.cancel()


ROUTES = [
    Route("/health", health),
    Route("/health/startup", health),
    Route("/health/ready", health),
    Route("/api/auth/register", sign_in, methods=["POST"]),
    Route("/api/auth/login", sign_in, methods=["POST"]),
    Route("/api/auth/me", me),
    Route("/api/threads", make_thread, methods=["POST"]),
    Route("/api/operations/monitoring/releases", report, methods=["PUT"]),
    Route("/api/operations/release", release, methods=["GET", "PUT"]),
    WebSocketRoute("/ws", socket),
]

if __name__ == "__main__":
    if FAULT == "exit":
        sys.exit("the small service cannot start")
    uvicorn.run(
        Starlette(routes=ROUTES, lifespan=lifespan),
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        log_level="warning",
        timeout_graceful_shutdown=2,
    )
