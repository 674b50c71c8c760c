"""Routes WebSockets directly to the gateway and all other requests to the application.

The framework's middleware costs a handshake as much CPU as the gateway itself, and keeps a
suspended frame per layer for the life of the connection. This module applies the two layers that
connections need: the edge header filter and the trace id. Requests to the application get the
limits of their body here; the HTTP protocol class limits their head.
"""

from collections.abc import Sequence
from typing import Any

from netra_backend.app.websocket_core.connection_handler import ConnectionHandler
from netra_backend.app.websocket_core.socket_routes import PATHS, SocketApp
from netra_shared.http.answer_headers import AnswerHeaders
from netra_shared.http.body_limit import BodyLimit
from netra_shared.http.edge_headers import EdgeHeaders, Network
from netra_shared.telemetry import TraceContext


class SocketRouter:
    """The outermost ASGI application.

    Args:
        app: serves all requests that are not WebSockets of the gateway.
        handler: serves the gateway's WebSockets; its limits also apply to request bodies.
        trusted: networks of trusted proxies (``TRUSTED_PROXIES``).
    """

    def __init__(self, app: Any, handler: ConnectionHandler, *, trusted: Sequence[Network]) -> None:
        limits = handler.limits
        limited = BodyLimit(app, max_bytes=limits.max_body_bytes, seconds=limits.body_seconds)
        self._app = AnswerHeaders(limited)  # refusals of the limit have them too
        self._sockets = EdgeHeaders(TraceContext(SocketApp(handler)), trusted)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "websocket" and scope["path"] in PATHS:
            await self._sockets(scope, receive, send)
        else:
            await self._app(scope, receive, send)
