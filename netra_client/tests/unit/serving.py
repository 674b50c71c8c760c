"""Serves a hand-made endpoint of the wire on a port that the kernel chooses."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from netra_client.tests.unit.wire_http import HttpSide


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Leave the test runner's signal handlers alone."""
        yield


@contextlib.asynccontextmanager
async def serving(
    endpoint: Callable[[WebSocket], Awaitable[None]], http: HttpSide
) -> AsyncIterator[str]:
    """Serve ``endpoint`` at ``/ws`` and ``http`` at the REST paths; yield the address."""
    app = Starlette(routes=[WebSocketRoute("/ws", endpoint), *_routes_of(http)])
    config = uvicorn.Config(app, log_level="critical", ws="websockets-sansio", lifespan="off")
    server = _Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            await task


def _routes_of(http: HttpSide) -> list[Route]:
    return [
        Route(path, http.respond, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
        for path in ("/api/auth/{rest:path}", "/api/threads", "/api/threads/{rest:path}")
    ]
