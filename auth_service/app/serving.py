"""Starts the service: settings, logs, application, server."""

import encodings.idna  # noqa: F401  what resolves a host's name first asks for it
import sys

import anyio._backends._asyncio  # noqa: F401  anyio chooses its event loop at the first request

from auth_service.app.app_factory import create_app
from auth_service.app.config import AuthSettings
from auth_service.app.services import APPLICATION
from netra_shared.errors import ConfigurationError
from netra_shared.http.server import serve
from netra_shared.logging import configure_logging
from netra_shared.otlp import span_processor
from netra_shared.settings import load_settings
from netra_shared.telemetry import configure_telemetry


def run() -> int:
    """Return the exit status: 0 after an orderly shutdown, 78 for a refused configuration."""
    try:
        settings = load_settings(AuthSettings)
        configure_logging(settings, service=APPLICATION)
        configure_telemetry(APPLICATION, span_processor(settings))
        app = create_app(settings)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return ConfigurationError.exit_code
    serve(app, settings)
    return 0
