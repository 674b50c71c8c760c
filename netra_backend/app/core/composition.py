"""The rooms of the backend, put together. Building needs no I/O; everything starts in order."""

import asyncio
from collections.abc import Mapping

from pydantic import JsonValue

from netra_backend.app.agents.composition import build_run_service
from netra_backend.app.agents.model_choice import choose_model
from netra_backend.app.agents.policy import RunPolicy
from netra_backend.app.agents.run_service import RunService
from netra_backend.app.agents.runbook.search import RunbookSearch
from netra_backend.app.core.config import BackendSettings
from netra_backend.app.core.operations import PlatformOperations
from netra_backend.app.core.operations_feed import build_operations_feed
from netra_backend.app.core.startup import StartupLog
from netra_backend.app.db.revisions import backend_revisions
from netra_backend.app.threads.service import ThreadService
from netra_backend.app.websocket_core.gcp_initialization_validator import (
    GCPWebSocketInitializationValidator,
)
from netra_backend.app.websocket_core.socket_gateway import SocketGateway
from netra_backend.app.websocket_core.streams.event_streams import EventStreams
from netra_shared.database import create_engine
from netra_shared.errors import Unavailable
from netra_shared.health_check import Validator
from netra_shared.health_dependencies import (
    migrations_validator,
    postgres_validator,
    token_keys_validator,
    valkey_validator,
)
from netra_shared.health_fleet import Fleet
from netra_shared.health_json import Identity, detailed
from netra_shared.health_monitor import ReadinessMonitor
from netra_shared.jwks import JwksCache, JwksUnavailable
from netra_shared.logging import get_logger
from netra_shared.swallow import swallowed
from netra_shared.tokens import TokenVerifier
from netra_shared.valkey import create_valkey

APPLICATION = "netra-backend"

_log = get_logger(__name__)


class Backend:
    """Every part of one instance.

    Args:
        settings: complete and checked.
        startup: where the steps of ``start`` are recorded.

    Raises:
        ConfigurationError: the model cannot be used, or a readiness check reaches the budget.
    """

    def __init__(self, settings: BackendSettings, startup: StartupLog) -> None:
        self.settings = settings
        self.startup = startup
        self.identity = Identity(
            service=settings.k_service or APPLICATION,
            revision=settings.k_revision or "",
            instance=settings.instance_id,
        )
        self.engine = create_engine(settings, application_name=APPLICATION)
        self.valkey = create_valkey(settings, name=APPLICATION)
        self.keys = JwksCache(str(settings.auth_jwks_url)) if settings.auth_jwks_url else None
        self.verifier = _token_verifier(settings, self.keys)
        self.streams = EventStreams(self.valkey, settings.sockets)
        self.threads = ThreadService(self.engine)
        self.runs = self._run_service()
        self.operations = build_operations_feed(
            self.valkey,
            self.identity,
            settings.operations,
            readiness=lambda: self.readiness,
            gateway=lambda: self.gateway,
            runs=self.runs,
        )
        self.gateway = SocketGateway(
            limits=settings.sockets,
            streams=self.streams,
            client=self.valkey,
            verifier=self.verifier,
            runs=self.runs,
            access=self.threads,
            operations=self.operations,
            allowed_origins=settings.allowed_origins,
            instance_id=settings.instance_id,
            revision=settings.k_revision,
        )
        validator = GCPWebSocketInitializationValidator(settings.environment, self._validators())
        self.readiness = ReadinessMonitor(
            validator.readiness_checks.values(),
            refresh=settings.readiness,
            fleet=Fleet(
                self.valkey, service=self.identity.service, instance=self.identity.instance
            ),
        )

    def _run_service(self) -> RunService:
        settings = self.settings
        policy = RunPolicy(
            max_concurrent=settings.max_concurrent_runs, run_seconds=settings.run_seconds
        )
        choice = choose_model(
            settings.netra_model,
            base_url=str(settings.netra_model_base_url) if settings.netra_model_base_url else None,
            api_key=settings.netra_model_api_key.get_secret_value()
            if settings.netra_model_api_key
            else None,
        )
        return build_run_service(
            self.engine,
            choice=choice,
            publisher=self.streams.publisher,
            operations=PlatformOperations(
                readiness=self._readiness_document,
                connections=self._connections,
                runbook=RunbookSearch(self.engine),
                stop_runs=self._stop_runs,
            ),
            policy=policy,
            instance_id=settings.instance_id,
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
        )

    async def _stop_runs(self, *, older_than_seconds: float) -> int:
        return await self.runs.cancel_older(older_than_seconds=older_than_seconds)

    def _readiness_document(self) -> Mapping[str, JsonValue]:
        return detailed(self.readiness.snapshot(), self.identity)

    def _connections(self) -> Mapping[str, JsonValue]:
        return self.gateway.connections()

    def _validators(self) -> dict[str, Validator]:
        async def agent_runtime() -> str:
            return f"{self.runs.active_count} run(s) active"

        async def stream_subscription() -> str:
            if self.streams.hub.store_away:
                raise Unavailable("The stream store does not answer; events stay on this instance.")
            if not self.streams.hub.listener.connected:
                raise Unavailable("No live connection; events of other instances do not arrive.")
            return "following the stream store"

        revisions = backend_revisions()
        validators: dict[str, Validator] = {
            "database": postgres_validator(self.engine),
            "migrations": migrations_validator(
                lambda: revisions.current(self.engine),
                head=revisions.head,
                is_older=revisions.known.__contains__,
            ),
            "redis": valkey_validator(self.valkey, service=APPLICATION),
            "agent_runtime": agent_runtime,
            "stream_subscription": stream_subscription,
        }
        if self.keys is not None:
            validators["token_keys"] = token_keys_validator(self.keys)
        return validators

    async def start(self) -> None:
        """Start in the order in which parts need each other. No store has to be up."""
        async with self.startup.step("token keys"):
            if self.keys is not None:
                # They are fetched again at the first handshake; readiness says meanwhile.
                with swallowed(_log, "first_jwks_fetch", JwksUnavailable):
                    await self.keys.refresh()
        async with self.startup.step("sockets"):
            await self.gateway.start()
        async with self.startup.step("runs"):
            await self.runs.start_serving()
        async with self.startup.step("readiness"):
            await self.readiness.start()
        async with self.startup.step("operations"):
            self.operations.start()

    async def drain(self) -> None:
        """Empty the instance: unready at once, then sockets and runs side by side.

        Runs get their drain time while their watchers are still connected.
        """
        self.readiness.drain()
        await asyncio.gather(self.gateway.drain(), self.runs.stop())

    async def stop(self) -> None:
        """Stop what is left, in the reverse order of the start."""
        await self.operations.stop()
        await self.gateway.stop()
        await self.readiness.stop()
        if self.keys is not None:
            await self.keys.close()
        await self.valkey.aclose()
        await self.engine.dispose()


def _token_verifier(settings: BackendSettings, keys: JwksCache | None) -> TokenVerifier:
    secret = settings.jwt_secret_key
    return TokenVerifier(
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        keys=None if secret else keys,
        shared_secret=secret.get_secret_value() if secret else None,
    )
