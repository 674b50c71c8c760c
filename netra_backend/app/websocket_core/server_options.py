"""What the socket gateway demands of uvicorn."""

from typing import Any

from netra_backend.app.websocket_core.limits import SocketLimits


def websocket_server_options(limits: SocketLimits) -> dict[str, Any]:
    """Return the keyword arguments for ``uvicorn.Config`` (and ``netra_shared.server.serve``).

    ``websockets-sansio`` costs half the CPU of the other implementations. Deflate stays off: a
    token's delta is smaller than its compressed form, and each context costs memory. Pings let
    the server find dead peers; a browser answers them by itself.
    """
    return {
        "ws": "websockets-sansio",
        "ws_max_size": limits.max_frame_bytes,
        "ws_per_message_deflate": False,
        "ws_ping_interval": limits.ping_interval_seconds,
        "ws_ping_timeout": limits.ping_timeout_seconds,
    }
