"""Composes the backend from its components. Building needs no I/O; ``start`` runs in order."""

import asyncio
from collections.abc import Callable, Mapping

from pydantic import JsonValue

from netra_backend.app.agents.runbook.search import RunbookSearch
from netra_backend.app.core.config import APPLICATION, BackendSettings
from netra_backend.app.core.operations import PlatformOperations
from netra_backend.app.core.operations_feed import build_operations_feed
from netra_backend.app.core.release_sockets import GatewaySockets
from netra_backend.app.core.startup import StartupLog, StartupStep
from netra_backend.app.db.revisions import backend_revisions
from netra_backend.app.images.fetcher import ImageFetcher
from netra_backend.app.operations.board import InstanceBoard
from netra_backend.app.operations.monitoring import MonitoringReports
from netra_backend.app.releases.store import EpochStore
from netra_backend.app.releases.watcher import ReleaseWatcher
from netra_backend.app.streams.event_streams import EventStreams
from netra_backend.app.threads.service import ThreadService
from netra_backend.app.websocket_core.commands.connection import InstanceIdentity
from netra_backend.app.websocket_core.gcp_initialization_validator import (
    GCPWebSocketInitializationValidator,
)
from netra_backend.app.websocket_core.ports import GatewayPorts
from netra_backend.app.websocket_core.responses import event_frame
from netra_backend.app.websocket_core.socket_gateway import SocketGateway
from netra_backend.app.worker import contract
from netra_backend.app.worker.client import RemoteRuns
from netra_backend.app.worker.gateway_api import GatewayApi
from netra_backend.app.worker.launch import Launcher
from netra_backend.app.worker.lease_expiry import expire_leases
from netra_backend.app.worker.supervisor import AgentProcess
from netra_shared.auth.jwks import JwksCache, JwksUnavailable
from netra_shared.auth.tokens import TokenVerifier
from netra_shared.errors import Unavailable
from netra_shared.health.check import Validator
from netra_shared.health.dependencies import (
    migrations_validator,
    postgres_validator,
    token_keys_validator,
    valkey_validator,
)
from netra_shared.health.fleet import Fleet
from netra_shared.health.health_json import Identity, detailed
from netra_shared.health.monitor import ReadinessMonitor
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.stores.database import create_engine
from netra_shared.stores.valkey import create_valkey

_log = get_logger(__name__)


class Backend:
    """All components of one instance.

    Args:
        settings: the validated settings.
        startup: records the steps of ``start``.
        launcher: starts the agent process.
        refused: called when the agent process refuses its configuration.

    Attributes:
        agents_report: the start report of the agent process; None before it serves.

    Raises:
        ConfigurationError: the worst case of a readiness check reaches the budget.
    """

    def __init__(
        self,
        settings: BackendSettings,
        startup: StartupLog,
        launcher: Launcher,
        refused: Callable[[], None],
    ) -> None:
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
        self.threads = ThreadService(self.engine)
        self.images = ImageFetcher(settings.images)
        self.streams = EventStreams(
            self.valkey, settings.sockets, encode=event_frame, owners=self.threads
        )
        self.runs = RemoteRuns(settings.agents, limit=settings.max_concurrent_runs)
        self._agents_step: StartupStep | None = None
        self.agents_report: contract.Serving | None = None
        self._handlers = GatewayApi(
            self.streams.publisher,
            PlatformOperations(
                readiness=self._readiness_document,
                connections=self._connections,
                runbook=RunbookSearch(self.engine),
                stop_runs=self._stop_runs,
            ),
            serving=self._take_serving,
        )
        self.agents = self.runs.process = AgentProcess(
            launcher,
            settings.agents,
            handlers=self._handlers.table(),
            status=self.runs.take_status,
            serving=self._note_agents,
            lost=self._release_agent_runs,
            refused=refused,
        )
        self.monitoring = MonitoringReports(
            self.valkey, ttl_seconds=settings.operations.report_seconds
        )
        self.operations = build_operations_feed(
            self.valkey,
            self.identity,
            settings.operations,
            readiness=lambda: self.readiness,
            gateway=lambda: self.gateway,
            runs=self.runs,
            reports=self.monitoring,
            release=settings.netra_release,
        )
        self.gateway = SocketGateway(
            limits=settings.sockets,
            streams=self.streams,
            client=self.valkey,
            verifier=self.verifier,
            ports=GatewayPorts(self.runs, self.threads, self.operations),
            allowed_origins=settings.allowed_origins,
            identity=InstanceIdentity(settings.instance_id, settings.k_revision),
        )
        self.release_epoch = EpochStore(
            self.valkey, ttl_seconds=settings.releases.epoch_ttl_seconds
        )
        self.releases = ReleaseWatcher(
            settings.netra_release,
            self.release_epoch,
            GatewaySockets(
                lambda: self.gateway.sessions,
                settings.sockets.drain_notice_seconds,
                lambda: [
                    one.feed.thread_id
                    for one in self.streams.publisher.producers
                    if one.ended_at is None
                ],
            ),
            settings.releases,
        )
        self.instances = InstanceBoard(
            self.valkey,
            lease_seconds=settings.operations.lease_seconds,
            max_instances=settings.operations.max_instances,
        )
        validator = GCPWebSocketInitializationValidator(settings.environment, self._validators())
        self.readiness = ReadinessMonitor(
            validator.readiness_checks.values(),
            refresh=settings.readiness,
            fleet=Fleet(
                self.valkey, service=self.identity.service, instance=self.identity.instance
            ),
        )

    def _take_serving(self, serving: contract.Serving) -> None:
        self.agents.take_serving(serving)

    def _note_agents(self, serving: contract.Serving, _seconds: float) -> None:
        self.agents_report = serving
        if self._agents_step is not None and self._agents_step.state == "running":
            self.startup.end(self._agents_step)

    async def _release_agent_runs(self, owner: str) -> None:
        """Release the streams of the lost agent process here and its leases in the database."""
        self.runs.forget()
        self.streams.publisher.release_runs(self._handlers.forget())
        if owner:
            freed = await expire_leases(self.engine, owner)
            _log.warning("leases of the agent process expired", owner=owner, count=freed)

    async def _stop_runs(self, *, older_than_seconds: float) -> int:
        return await self.runs.cancel_older(older_than_seconds=older_than_seconds)

    def _readiness_document(self) -> Mapping[str, JsonValue]:
        return detailed(self.readiness.snapshot(), self.identity)

    def _connections(self) -> Mapping[str, JsonValue]:
        return self.gateway.connections()

    def _validators(self) -> dict[str, Validator]:
        async def agent_runtime() -> str:
            self.agents.check()
            if problem := self.runs.problem:
                raise Unavailable(problem)
            return f"{self.agents.state}, {self.runs.active_count} run(s) active"

        async def stream_subscription() -> str:
            if self.streams.hub.store_unavailable:
                raise Unavailable("the stream store does not answer; events stay on this instance")
            if not self.streams.hub.listener.connected:
                raise Unavailable("no live connection; events of other instances do not arrive")
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
        """Start the components in order of their dependencies. Needs no store."""
        async with self.startup.step("agent process"):
            # It imports on another core while this process connects to the stores. An earlier
            # start would delay the sockets, because both processes are busy until here.
            await self.agents.start()
        async with self.startup.step("token keys"):
            if self.keys is not None:
                # A failed fetch is repeated at the first handshake; readiness reports it meanwhile.
                with swallowed(_log, "first_jwks_fetch", JwksUnavailable):
                    await self.keys.refresh()
        async with self.startup.step("sockets"):
            await self.gateway.start()
        async with self.startup.step("readiness"):
            await self.readiness.start()
        async with self.startup.step("operations"):
            self.operations.start()
            self.releases.start()
        # Background step: it ends when the agent process accepts commands.
        self._agents_step = self.startup.start_step("agents")
        if self.agents_report is not None:
            self.startup.end(self._agents_step)

    async def drain(self) -> None:
        """Drain the instance: unready first, then connections and runs concurrently.

        Runs get their drain time while their clients are still connected.
        """
        self.readiness.drain()
        await asyncio.gather(self.gateway.drain(), self.runs.stop())

    async def stop(self) -> None:
        """Stop the remaining components in reverse order of the start."""
        await self.releases.stop()
        await self.operations.stop()
        await self.agents.stop()
        await self.gateway.stop()
        await self.readiness.stop()
        if self.keys is not None:
            await self.keys.close()
        await self.images.close()
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
