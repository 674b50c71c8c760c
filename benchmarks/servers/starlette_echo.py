"""Starlette on uvicorn. ``uvicorn``: its own class; ``netra``: ours behind plain ASGI."""

import asyncio
import sys

import jwt
import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from benchmarks.servers.fan_out import broadcast
from benchmarks.servers.tokens import verify_offer
from netra_backend.app.transport.connection import WebSocketProtocol

everyone: set[WebSocket] = set()
tasks: set[asyncio.Task[None]] = set()


def send_to_all(text: str) -> None:
    """Send as applications do: one task per message and all sockets in turn."""

    async def each() -> None:
        for websocket in tuple(everyone):
            await websocket.send_text(text)

    task = asyncio.get_running_loop().create_task(each())
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def echo(websocket: WebSocket) -> None:
    """Verify, echo, broadcast."""
    try:
        verify_offer(websocket.headers.get("sec-websocket-protocol", ""))
    except jwt.InvalidTokenError:
        await websocket.close()
        return
    await websocket.accept("jwt-auth")
    everyone.add(websocket)
    try:
        while True:
            text = await websocket.receive_text()
            if len(text) < 120:
                task = asyncio.create_task(broadcast(msgspec.json.decode(text), send_to_all))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            else:
                await websocket.send_text(text)
    except WebSocketDisconnect:
        return
    finally:
        everyone.discard(websocket)


if __name__ == "__main__":
    uvicorn.run(
        Starlette(routes=[WebSocketRoute("/ws", echo)]),
        port=int(sys.argv[1]),
        ws=WebSocketProtocol if sys.argv[2] == "netra" else "websockets-sansio",
        loop="uvloop",
        http="httptools",
        log_level="warning",
        lifespan="off",
        ws_max_size=65_536,
        ws_per_message_deflate=False,
    )
