"""The options that the WebSocket gateway passes to uvicorn."""

from typing import Any

from netra_backend.app.transport.connection import WebSocketProtocol
from netra_backend.app.transport.http_deadline import DeadlineHttpProtocol
from netra_backend.app.websocket_core.close_codes import IDLE_TIMEOUT
from netra_backend.app.websocket_core.limits import SocketLimits


def websocket_server_options(limits: SocketLimits) -> dict[str, Any]:
    """Return the keyword arguments for ``uvicorn.Config`` (and ``netra_shared.http.server.serve``).

    Compression is off: a delta is smaller than its compressed form, and each context takes memory.
    Pings detect lost peers; browsers answer them without the page's code.
    """

    class Http(DeadlineHttpProtocol):
        head_seconds = limits.handshake_seconds

    class WebSocket(WebSocketProtocol):
        __slots__ = ()

        close_seconds = limits.close_seconds
        send_buffer_bytes = limits.kernel_bytes
        unresponsive = (IDLE_TIMEOUT.code, "no answer to ping")

    return {
        "http": Http,
        "ws": WebSocket if limits.protocol_class == "netra" else "websockets-sansio",
        "ws_max_size": limits.max_frame_bytes,
        "ws_per_message_deflate": False,
        "ws_ping_interval": limits.ping_interval_seconds,
        "ws_ping_timeout": limits.ping_timeout_seconds,
    }
