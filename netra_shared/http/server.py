"""Runs an ASGI application under uvicorn as Cloud Run expects it."""

import signal
from types import FrameType
from typing import Any

import uvicorn

from netra_shared.http.deadline_protocol import DeadlineHttpProtocol
from netra_shared.settings import ServiceSettings

BACKLOG = 2048  # connections that the kernel queues during a mass reconnect
KEEP_ALIVE_SECONDS = 620  # above the 600 s of Google's load balancer, which must close first


def serve(
    app: Any,
    settings: ServiceSettings,
    *,
    graceful_seconds: float | None = None,
    **options: Any,
) -> None:
    """Serve ``app`` until SIGTERM or SIGINT; returns after the bounded shutdown.

    Args:
        app: the ASGI application; its lifespan starts and stops the service's parts.
        settings: host, port, ``shutdown_seconds``.
        graceful_seconds: the part of ``shutdown_seconds`` that remains when the server stops.
        options: further uvicorn settings of one service (WebSocket bounds).

    uvicorn's access log stays off: it writes raw URLs, and the edge already logs each request.
    """
    # uvicorn raises the captured signal again after it has stopped; the exit status must then be 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _ended_already)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=options.pop("http", DeadlineHttpProtocol),
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        # Whole seconds, rounded down: the sum must stay below Cloud Run's 10 s.
        timeout_graceful_shutdown=max(1, int(graceful_seconds or settings.shutdown_seconds)),
        **options,
    )


def _ended_already(_number: int, _frame: FrameType | None) -> None:
    """Ignore the signal, which was already handled."""
