"""The identity service as an ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from auth_service.app.accounts.routes import router as accounts_router
from auth_service.app.browser.routes import router as browser_router
from auth_service.app.clock import Clock, utc_now
from auth_service.app.config import AuthSettings
from auth_service.app.keys.routes import router as keys_router
from auth_service.app.readiness import readiness_monitor
from auth_service.app.services import APPLICATION, build_services
from auth_service.app.sessions.routes import router as sessions_router
from netra_shared.health.health_json import Identity
from netra_shared.health.router import health_router
from netra_shared.http.answer_headers import AnswerHeaders
from netra_shared.http.body_limit import BodyLimit
from netra_shared.http.edge_headers import EdgeHeaders
from netra_shared.http.problem import install_problem_handlers
from netra_shared.logging import get_logger
from netra_shared.metrics import router as metrics_router
from netra_shared.runtime import quick_start
from netra_shared.runtime.drain_signal import drain_on_sigterm
from netra_shared.runtime.late_imports import late_imports
from netra_shared.telemetry import TraceMiddleware

DRAIN_SECONDS = 1.0  # it takes microseconds

_log = get_logger(__name__)


def create_app(settings: AuthSettings, *, clock: Clock = utc_now) -> FastAPI:
    """Return the application; its lifespan starts and stops its parts.

    Args:
        settings: validated settings.
        clock: the current time.

    Raises:
        ConfigurationError: the worst case of a readiness check reaches the budget.
    """
    services = build_services(settings, clock)
    identity = Identity(
        service=settings.k_service or APPLICATION,
        revision=settings.k_revision or "",
        instance=settings.instance_id,
    )
    readiness = readiness_monitor(services, identity)

    async def drain() -> None:
        """Become unready; requests are short, and uvicorn waits for those in flight."""
        readiness.drain()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        try:
            await services.start()
            await readiness.start()
            _log.info("identity service started", environment=settings.environment.value)
            quick_start.freeze()
            late_imports.arm()
            async with drain_on_sigterm(drain, within_seconds=DRAIN_SECONDS):
                yield
        finally:
            # Readiness before the pools: a check must not open a connection after they are closed.
            await readiness.stop()
            await services.stop()
            _log.info("identity service stopped", late_imports=late_imports.total)

    app = FastAPI(
        title="Netra identity",
        description="Sign-up, sign-in, tokens, sessions and socket tickets.",
        version="1",
        openapi_url="/api/auth/openapi.json",
        docs_url=None,  # its page loads scripts from a third party
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.services = services
    app.state.readiness = readiness
    app.state.token_verifier = services.verifier
    install_problem_handlers(app)
    app.add_middleware(
        BodyLimit, max_bytes=settings.request_body_bytes, seconds=settings.request_body_seconds
    )
    app.add_middleware(TraceMiddleware)
    app.add_middleware(EdgeHeaders, trusted=settings.trusted_proxies)
    app.add_middleware(AnswerHeaders)
    for router in (
        accounts_router,
        browser_router,
        sessions_router,
        keys_router,
        health_router(identity),
        metrics_router,
    ):
        app.include_router(router)
    return app
