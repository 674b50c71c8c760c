"""The way in: sockets go straight to the gateway, everything else to the application.

The framework's layers cost a handshake as much CPU as everything that the gateway does for it, and
each keeps a suspended frame for as long as the socket lives. What they do for sockets is done
here: headers that only the edge may set, and the trace id. Requests to the application get the
bounds of their body here, as their head gets its own from the HTTP server side.
"""

from collections.abc import Sequence
from typing import Any

from netra_backend.app.websocket_core.connection_handler import ConnectionHandler
from netra_backend.app.websocket_core.socket_routes import PATHS, SocketApp
from netra_shared.http.body_limit import BodyLimit
from netra_shared.http.edge_headers import EdgeHeaders, Network
from netra_shared.telemetry import TraceContext


class SocketDoor:
    """The outermost ASGI application.

    Args:
        app: serves whatever is no socket of the gateway.
        handler: serves the gateway's sockets; its limits bound bodies, too.
        trusted: networks of our own proxies (``TRUSTED_PROXIES``).
    """

    def __init__(self, app: Any, handler: ConnectionHandler, *, trusted: Sequence[Network]) -> None:
        limits = handler.limits
        self._app = BodyLimit(app, max_bytes=limits.max_body_bytes, seconds=limits.body_seconds)
        self._sockets = EdgeHeaders(TraceContext(SocketApp(handler)), trusted)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "websocket" and scope["path"] in PATHS:
            await self._sockets(scope, receive, send)
        else:
            await self._app(scope, receive, send)
