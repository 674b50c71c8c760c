"""The routes ``/ws`` and its alias ``/websocket``."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from netra_backend.app.websocket_core.connection_handler import ConnectionHandler
from netra_backend.app.websocket_core.errors import UpgradeRequired
from netra_backend.app.websocket_core.socket_gateway import SocketGateway
from netra_shared.http.problem import PROBLEM_TYPE, problem_document

PATHS = ("/ws", "/websocket")


def build_socket_routes(gateway: SocketGateway) -> list[BaseRoute]:
    """Return the routes of the application: plain requests to the endpoints, and the header echo.

    ``SocketRouter`` serves WebSockets at ``PATHS`` before they reach the application.
    """
    refusals: list[BaseRoute] = [
        Route(path, upgrade_required, methods=["GET"], include_in_schema=False) for path in PATHS
    ]
    return refusals + gateway.header_echo.routes()


class SocketApp:
    """The connection handler as an ASGI application."""

    def __init__(self, handler: ConnectionHandler) -> None:
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket."""
        await self._handler.handle(scope, receive, send)


async def upgrade_required(_request: Request) -> Response:
    """Answer a plain GET: RFC 9110 section 15.5.22 requires the Upgrade header with 426."""
    error = UpgradeRequired("This endpoint requires a WebSocket handshake (RFC 6455).")
    return JSONResponse(
        problem_document(error),
        status_code=error.status,
        headers={"Upgrade": "websocket", "Cache-Control": "no-store"},
        media_type=PROBLEM_TYPE,
    )
