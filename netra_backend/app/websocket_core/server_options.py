"""The options that the WebSocket gateway passes to uvicorn."""

from typing import Any

from netra_backend.app.transport.connection import WebSocketProtocol
from netra_backend.app.transport.inbound_budget import InboundBudget
from netra_backend.app.websocket_core.close_codes import (
    IDLE_TIMEOUT,
    INTERNAL_ERROR,
    TOO_MANY_CONNECTIONS,
)
from netra_backend.app.websocket_core.error_handlers import handle_websocket_error
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_shared.http.deadline_protocol import DeadlineHttpProtocol


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
        flooded = (TOO_MANY_CONNECTIONS.code, "too many frames")
        on_application_error = staticmethod(_report)
        inbound = InboundBudget(
            frames_per_second=limits.inbound_frames_per_second,
            frame_burst=limits.inbound_frame_burst,
            bytes_per_second=limits.inbound_bytes_per_second,
            byte_burst=limits.inbound_byte_burst,
        )

    return {
        "http": Http,
        "ws": WebSocket if limits.protocol_class == "netra" else "websockets-sansio",
        "ws_max_size": limits.max_frame_bytes,
        "ws_per_message_deflate": False,
        "ws_ping_interval": limits.ping_interval_seconds,
        "ws_ping_timeout": limits.ping_timeout_seconds,
    }


def _report(error: Exception) -> tuple[int, str]:
    return INTERNAL_ERROR.code, f"error_id={handle_websocket_error(error)}"
