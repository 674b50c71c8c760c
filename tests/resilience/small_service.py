"""``python -m tests.resilience.small_service``: readiness with real PostgreSQL and Valkey clients.

Everything that decides about readiness is the product's: engine, client, validators, budgets of
``ENVIRONMENT``, monitor, routes, server. What is missing are the rooms that have nothing to say
about it, so a fault's timeline shows the readiness machinery alone.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from netra_shared.health.budget import refuse_over_budget
from netra_shared.health.check import FailureScope
from netra_shared.health.dependencies import postgres_validator, valkey_validator
from netra_shared.health.fleet import Fleet
from netra_shared.health.health_json import Identity
from netra_shared.health.monitor import ReadinessMonitor
from netra_shared.health.policy import IN_PROCESS, CheckPolicy, store_policies
from netra_shared.health.router import health_router
from netra_shared.http.server import serve
from netra_shared.logging import configure_logging
from netra_shared.runtime.drain_signal import drain_on_sigterm
from netra_shared.settings import ServiceSettings, load_settings
from netra_shared.stores.database import create_engine
from netra_shared.stores.valkey import create_valkey

MOST_LINGER_SECONDS = 5.0


def create_app(settings: ServiceSettings) -> FastAPI:
    """Return the service for ``settings``."""
    engine = create_engine(settings, application_name="readiness-test")
    valkey = create_valkey(settings, name="readiness-test")
    policies = store_policies(settings.environment)
    own = CheckPolicy(IN_PROCESS, is_critical=True, description="", scope=FailureScope.INSTANCE)
    worker = threading.Event()
    worker.set()

    async def worker_alive() -> bool:
        return worker.is_set()

    checks = [
        policies["database"].check("database", postgres_validator(engine)),
        policies["redis"].check("redis", valkey_validator(valkey, service="readiness-test")),
        own.check("worker", worker_alive),
    ]
    refuse_over_budget(checks, settings.environment)
    fleet = Fleet(valkey, service="readiness-test", instance=settings.instance_id)
    monitor = ReadinessMonitor(checks, refresh=settings.readiness, fleet=fleet)

    async def drain() -> None:
        monitor.drain()
        await asyncio.sleep(app.state.linger_seconds)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with monitor, drain_on_sigterm(drain, within_seconds=MOST_LINGER_SECONDS):
            yield
        await valkey.aclose()
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.state.readiness = monitor
    app.state.linger_seconds = 0.0
    app.include_router(health_router(Identity("small", "", settings.instance_id)))

    @app.post("/linger")
    async def set_linger(*, seconds: float) -> None:
        """Answer for so long after SIGTERM, so that probes can see the 503."""
        app.state.linger_seconds = seconds

    @app.post("/worker")
    async def set_worker(*, alive: bool) -> None:
        """Break or repair the part of this process that only this instance has."""
        if alive:
            worker.set()
        else:
            worker.clear()

    return app


def main() -> None:
    """Serve until SIGTERM."""
    settings = load_settings(ServiceSettings)
    configure_logging(settings, service="small")
    serve(create_app(settings), settings)


if __name__ == "__main__":
    main()
