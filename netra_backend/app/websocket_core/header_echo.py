"""Shows a signed-in caller which headers of his own request arrived: the evidence of the edge.

``GET /api/headers`` answers with it; a socket opened at ``/ws/headers`` gets it as its only frame,
so that a real handshake can be compared too. Values that belong in no log are shown as digests:
the caller knows what he sent and can compare, and nobody else learns anything.
"""

import asyncio
import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.protocols.utils import ClientDisconnected

from netra_backend.app.transport.frames import text_frame
from netra_backend.app.transport.gateway_socket import open_socket
from netra_backend.app.websocket_core.authenticator import Authenticator
from netra_backend.app.websocket_core.handshake import Accept, examine, read_upgrade
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_shared.errors import NetraError, Unavailable
from netra_shared.http.edge_headers import CONTRACT, DROPPED, FROM_EDGE
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed

HTTP_PATH, SOCKET_PATH = "/api/headers", "/ws/headers"

_log = get_logger(__name__)


def arrived(scope: Mapping[str, Any]) -> dict[str, Any]:
    """Return what arrived: ``headers`` as pairs in their order, ``dropped`` names, ``fromEdge``.

    A secret value is ``{"sha256": hex, "length": characters}``, any other its text.
    """
    return {
        "fromEdge": bool(scope.get(FROM_EDGE)),
        "dropped": list(scope.get(DROPPED, ())),
        "headers": [
            [name.decode("latin-1"), _shown(name.decode("latin-1").lower(), value)]
            for name, value in scope["headers"]
        ],
    }


def _shown(name: str, value: bytes) -> str | dict[str, str | int]:
    if name in CONTRACT.never_logged:
        return {"sha256": hashlib.sha256(value).hexdigest(), "length": len(value)}
    return value.decode("latin-1")


class ArrivalMirror:
    """The two routes.

    Args:
        authenticator: credential to claims, as for every socket.
        limits: ``accept_seconds`` bounds the check of the credential, ``close_seconds`` the rest.
        allowed_origins: exact origins of browsers.
    """

    def __init__(
        self, authenticator: Authenticator, limits: SocketLimits, allowed_origins: Collection[str]
    ) -> None:
        self._authenticator = authenticator
        self._limits = limits
        self._allowed_origins = allowed_origins

    def routes(self) -> list[BaseRoute]:
        """Return the routes; add them to the application's router."""
        return [
            Route(HTTP_PATH, self._http, methods=["GET"], include_in_schema=False),
            WebSocketRoute(SOCKET_PATH, self._socket),
        ]

    async def _http(self, request: Request) -> JSONResponse:
        await self._admit(request.scope)
        return JSONResponse(arrived(request.scope), headers={"Cache-Control": "no-store"})

    async def _socket(self, websocket: WebSocket) -> None:
        transport = open_socket(websocket.scope, websocket.receive, websocket.send)
        gone = (WebSocketDisconnect, ClientDisconnected, TimeoutError)
        with swallowed(_log, "arrival_socket_lost", *gone):
            await transport.connect()
            try:
                accept = await self._admit(websocket.scope)
            except NetraError as error:
                # Read by a tool, never by a page: the HTTP answer says most.
                await transport.refuse(error)
                return
            async with asyncio.timeout(self._limits.close_seconds):
                await transport.accept(accept.subprotocol)
                transport.writer.write(text_frame(json.dumps(arrived(websocket.scope)).encode()))
                await transport.close(1000, "")

    async def _admit(self, scope: Mapping[str, Any]) -> Accept:
        try:
            async with asyncio.timeout(self._limits.accept_seconds):
                accept = examine(read_upgrade(scope["headers"]), self._allowed_origins)
                await self._authenticator.authenticate(accept.credential)
        except TimeoutError as error:
            raise Unavailable(
                "The credential could not be verified in time.", retry_after=1.0
            ) from error
        return accept
