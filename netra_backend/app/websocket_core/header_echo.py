"""Returns the received headers to an authenticated caller, to verify the edge.

``GET /api/headers`` returns them; a WebSocket at ``/ws/headers`` gets them as its only frame, so
that a real handshake can be compared too. Secret values are replaced by digests, which the caller
can compare with the values that it sent.
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
from netra_backend.app.websocket_core.refusal import refusal_parts
from netra_shared.errors import NetraError, Unavailable
from netra_shared.http.edge_headers import CONTRACT, DROPPED, FROM_EDGE
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed

HTTP_PATH, SOCKET_PATH = "/api/headers", "/ws/headers"

_log = get_logger(__name__)


def received_headers(scope: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``headers`` as pairs in their order, ``dropped`` names and ``fromEdge``.

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


class HeaderEcho:
    """The two routes.

    Args:
        authenticator: authenticates the credential.
        limits: ``accept_seconds`` bounds the authentication, ``close_seconds`` the rest.
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
        return JSONResponse(received_headers(request.scope), headers={"Cache-Control": "no-store"})

    async def _socket(self, websocket: WebSocket) -> None:
        transport = open_socket(websocket.scope, websocket.receive, websocket.send)
        gone = (WebSocketDisconnect, ClientDisconnected, TimeoutError)
        with swallowed(_log, "header_echo_disconnected", *gone):
            await transport.connect()
            try:
                accept = await self._admit(websocket.scope)
            except NetraError as error:
                # The client is a tool, not a page, so it can read the HTTP answer.
                await transport.refuse(*refusal_parts(error))
                return
            async with asyncio.timeout(self._limits.close_seconds):
                await transport.accept(accept.subprotocol)
                transport.writer.write(
                    text_frame(json.dumps(received_headers(websocket.scope)).encode())
                )
                await transport.close(1000, "")

    async def _admit(self, scope: Mapping[str, Any]) -> Accept:
        try:
            async with asyncio.timeout(self._limits.accept_seconds):
                accept = examine(read_upgrade(scope["headers"]), self._allowed_origins)
                await self._authenticator.authenticate(accept.credential)
        except TimeoutError as error:
            raise Unavailable(
                f"Authentication took longer than {self._limits.accept_seconds} s.", retry_after=1.0
            ) from error
        return accept
