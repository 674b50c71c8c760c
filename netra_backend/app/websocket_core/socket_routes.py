"""Where sockets are reached: ``/ws`` and its alias ``/websocket``."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from netra_backend.app.websocket_core.errors import UpgradeRequired
from netra_backend.app.websocket_core.socket_gateway import SocketGateway
from netra_shared.problem import PROBLEM_TYPE, problem_document

PATHS = ("/ws", "/websocket")


def build_socket_routes(gateway: SocketGateway) -> list[BaseRoute]:
    """Return the routes of ``gateway``; add them to the application's router."""
    routes: list[BaseRoute] = []
    for path in PATHS:
        routes.append(WebSocketRoute(path, gateway.handler.handle))
        routes.append(Route(path, upgrade_required, methods=["GET"], include_in_schema=False))
    return routes + gateway.mirror.routes()


async def upgrade_required(_request: Request) -> Response:
    """Answer a plain GET: RFC 9110 section 15.5.22 demands the Upgrade header with 426."""
    error = UpgradeRequired("This address speaks WebSocket (RFC 6455) only.")
    return JSONResponse(
        problem_document(error),
        status_code=error.status,
        headers={"Upgrade": "websocket", "Cache-Control": "no-store"},
        media_type=PROBLEM_TYPE,
    )
