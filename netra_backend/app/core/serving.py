"""Serves the gateway: settings, logs, application, server. Called after preloading."""

import signal
import sys
from collections.abc import Sequence

from netra_backend.app.core.app_factory import create_app
from netra_backend.app.core.config import APPLICATION, BackendSettings
from netra_backend.app.websocket_core.server_options import websocket_server_options
from netra_backend.app.websocket_core.socket_router import SocketRouter
from netra_backend.app.worker.launch import Launcher
from netra_shared.errors import ConfigurationError
from netra_shared.http.server import serve
from netra_shared.logging import configure_logging
from netra_shared.otlp import span_processor
from netra_shared.settings import load_settings
from netra_shared.telemetry import configure_telemetry

PROCESS = "gateway"


def run(agent_arguments: Sequence[str] = ()) -> int:
    """Serve until SIGTERM or SIGINT.

    Args:
        agent_arguments: further arguments of the agent process.

    Returns:
        The exit status: 0 after a normal stop, 78 when this process or the agent process refuses
        its configuration.
    """
    refused = False

    def end_refused() -> None:
        nonlocal refused
        refused = True
        signal.raise_signal(signal.SIGTERM)

    try:
        settings = load_settings(BackendSettings)
        configure_logging(settings, service=APPLICATION, process=PROCESS)
        configure_telemetry(APPLICATION, span_processor(settings))
        app = create_app(
            settings, Launcher(settings.instance_id, agent_arguments), refused=end_refused
        )
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return ConfigurationError.exit_code
    remaining = settings.shutdown_seconds - settings.sockets.drain_seconds
    door = SocketRouter(app, app.state.gateway.handler, trusted=settings.trusted_proxies)
    serve(
        door,
        settings,
        graceful_seconds=remaining,
        **websocket_server_options(settings.sockets),
    )
    return ConfigurationError.exit_code if refused else 0
