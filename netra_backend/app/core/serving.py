"""Serving: settings, logs, application, server. Called when everything has been preloaded."""

import sys

from netra_backend.app.core.app_factory import create_app
from netra_backend.app.core.composition import APPLICATION
from netra_backend.app.core.config import BackendSettings
from netra_backend.app.websocket_core.server_options import websocket_server_options
from netra_backend.app.websocket_core.socket_door import SocketDoor
from netra_shared.errors import ConfigurationError
from netra_shared.logging import configure_logging
from netra_shared.server import serve
from netra_shared.settings import load_settings
from netra_shared.telemetry import configure_telemetry


def run() -> int:
    """Return the exit status: 0 after an orderly end, 78 for a refused configuration."""
    try:
        settings = load_settings(BackendSettings)
        configure_logging(settings, service=APPLICATION)
        configure_telemetry(APPLICATION)
        app = create_app(settings)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return ConfigurationError.exit_code
    remaining = settings.shutdown_seconds - settings.sockets.drain_seconds
    door = SocketDoor(app, app.state.gateway.handler, trusted=settings.trusted_proxies)
    serve(
        door,
        settings,
        graceful_seconds=remaining,
        **websocket_server_options(settings.sockets),
    )
    return 0
