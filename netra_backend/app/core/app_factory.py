"""The backend as an ASGI application: preloading first, then composition, then routes."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI
from pydantic import JsonValue

from netra_backend.app.core.composition import Backend
from netra_backend.app.core.compression import install_compression
from netra_backend.app.core.config import APPLICATION, BackendSettings
from netra_backend.app.core.metrics import metrics_router
from netra_backend.app.core.module_preloader import PreloadReport, preload_modules_for_cloud_run
from netra_backend.app.core.startup import StartupLog
from netra_backend.app.images.router import router as images_router
from netra_backend.app.operations.router import router as monitoring_router
from netra_backend.app.releases.router import router as releases_router
from netra_backend.app.threads.router import router as threads_router
from netra_backend.app.websocket_core.revocations import Revocations
from netra_backend.app.websocket_core.socket_routes import build_socket_routes
from netra_backend.app.worker.contract import Serving
from netra_backend.app.worker.launch import Launcher
from netra_shared.health.router import health_router
from netra_shared.http.answer_headers import AnswerHeaders
from netra_shared.http.edge_headers import EdgeHeaders
from netra_shared.http.problem import install_problem_handlers
from netra_shared.logging import get_logger
from netra_shared.runtime import quick_start
from netra_shared.runtime.drain_signal import drain_on_sigterm
from netra_shared.runtime.late_imports import late_imports
from netra_shared.telemetry import TraceMiddleware

_log = get_logger(__name__)


def create_app(
    settings: BackendSettings, launcher: Launcher, *, refused: Callable[[], None]
) -> FastAPI:
    """Return the application; its lifespan starts, drains and stops its components.

    Args:
        settings: the validated settings.
        launcher: starts the agent process.
        refused: called when the agent process refuses its configuration.

    Raises:
        ConfigurationError: the worst case of a readiness check reaches the budget.
        ImportError: a module of the application cannot be imported.
    """
    startup = StartupLog()
    report = preload_modules_for_cloud_run()  # returns the report of the call in `__main__`
    startup.record("interpreter", until=report.started)
    startup.record("preload", until=report.started + report.seconds)
    startup.record("settings", until=time.monotonic())
    with startup.timed("compose"):
        backend = Backend(settings, startup, launcher, refused)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await backend.start()
        startup.finish()
        quick_start.freeze()
        late_imports.arm()
        try:
            async with drain_on_sigterm(
                backend.drain, within_seconds=settings.sockets.drain_seconds
            ):
                yield
        finally:
            await backend.stop()
            _log.info("backend stopped", late_imports=late_imports.total)

    app = FastAPI(
        title="Netra",
        description="Threads and messages. Agents answer over the WebSocket at `/ws`.",
        version="1",
        openapi_url="/api/openapi.json",
        docs_url=None,  # the page would load scripts from a third party
        redoc_url=None,
        lifespan=lifespan,
        # TraceMiddleware creates the spans; the framework's own would duplicate them.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.gateway = backend.gateway
    app.state.thread_service = backend.threads
    app.state.images = backend.images
    app.state.token_verifier = backend.verifier
    app.state.revocations = Revocations(backend.valkey)
    app.state.readiness = backend.readiness
    app.state.release_epoch = backend.release_epoch
    app.state.instance_board = backend.instances
    app.state.monitoring = backend.monitoring
    app.state.startup_report = lambda: _startup_report(startup, report, backend.agents_report)
    setup_middleware(app, settings)
    setup_routes(app, backend)
    return app


def setup_middleware(app: FastAPI, settings: BackendSettings) -> None:
    """Add the middleware, outermost last.

    A request passes the edge header filter first, then tracing, compression, problem documents.
    """
    install_problem_handlers(app)
    install_compression(app)
    app.add_middleware(TraceMiddleware)
    app.add_middleware(EdgeHeaders, trusted=settings.trusted_proxies)
    app.add_middleware(AnswerHeaders)


def setup_routes(app: FastAPI, backend: Backend) -> None:
    """Add every route: REST, health, metrics, sockets."""
    app.include_router(threads_router)
    app.include_router(images_router)
    app.include_router(releases_router)
    app.include_router(monitoring_router)
    app.include_router(health_router(backend.identity))
    app.include_router(metrics_router(backend.runs))
    app.router.routes.extend(build_socket_routes(backend.gateway))


def _startup_report(
    startup: StartupLog, preload: PreloadReport, agents: Serving | None
) -> Mapping[str, JsonValue]:
    return {
        "service": APPLICATION,
        "complete": startup.complete,
        "steps": [
            {
                "name": step.name,
                "state": step.state,
                "startedAtSeconds": round(step.started_at, 4),
                "elapsedSeconds": round(step.elapsed, 4),
            }
            for step in startup.steps
        ],
        "preload": {
            "modules": preload.count,
            "seconds": round(preload.seconds, 4),
            "residentBytes": preload.rss_bytes,
            "slowest": [{"module": name, "seconds": round(s, 4)} for name, s in preload.slowest],
            "absent": list(preload.absent),
        },
        "agents": None
        if agents is None
        else {
            "modules": agents.modules,
            "seconds": round(agents.preload_seconds, 4),
            "residentBytes": agents.resident_bytes,
        },
        "lateImports": late_imports.total,
    }
