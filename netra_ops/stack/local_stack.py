"""The order in which the platform starts and stops on one machine."""

import asyncio
import base64
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from netra_cloud.edge.xds import XdsDirectory
from netra_ops.edge.local import LocalEdge, render_local
from netra_ops.errors import OperatorError, SecretLost, ServerStartFailed
from netra_ops.frontend.build import build_frontend
from netra_ops.frontend.server import frontend_server
from netra_ops.frontend.sources import built_digest
from netra_ops.services.http_probe import get
from netra_ops.services.http_server import HTTP_OK, HttpServer
from netra_ops.services.loopback import LOOPBACK, free_port
from netra_ops.services.postgres import EmbeddedPostgres
from netra_ops.services.secret_file import read_or_create_secret
from netra_ops.services.supervisor import PartRecord, PartState, Server, Supervised
from netra_ops.services.valkey import EmbeddedValkey
from netra_ops.stack import environment, external, migrations
from netra_ops.stack.edge_server import edge_server, loopback_addresses
from netra_ops.stack.events import Event, Listener
from netra_ops.stack.identity import identify
from netra_ops.stack.stack_options import StackOptions
from netra_ops.stack.state import StackState, write

# Together below the promised 10 s, SIGKILL's waits included.
SERVICES_STOP_SECONDS = 6.0  # their own bound is 5 s
EDGE_STOP_SECONDS = 0.5
ENGINES_STOP_SECONDS = 1.5
THROUGH_EDGE_SECONDS = 5.0
ORDER = ("postgres", "valkey", "auth", "backend", "frontend", "edge")


class LocalStack:
    """Everything that ``netra up`` runs."""

    def __init__(self, options: StackOptions, state: StackState, emit: Listener) -> None:
        self._options = options
        self._paths = options.paths
        self._state = state
        self._emit = emit
        self._root = options.root
        self._parts: dict[str, Supervised] = {}
        self._auth_port, self._backend_port = free_port(), free_port()
        self._edge = LocalEdge(
            port=options.port,
            addresses=loopback_addresses(),
            auth_port=self._auth_port,
            backend_port=self._backend_port,
            directory=options.paths.edge_configuration,
        )

    async def start(self) -> None:
        """Start all parts, each as soon as what it needs is there.

        Raises:
            OperatorError: of the part that failed first; the caller stops the others.
        """
        try:
            async with asyncio.TaskGroup() as group:
                database = group.create_task(self._start_database())
                valkey = group.create_task(self._start_valkey())
                edge = group.create_task(self._start_edge())
                if self._options.frontend:
                    group.create_task(self._start_frontend(edge))
                addresses = environment.StackAddresses(
                    database_url=await database,
                    redis_url=await valkey,
                    auth_port=self._auth_port,
                    backend_port=self._backend_port,
                    edge_port=self._options.port,
                    encryption_key=self._encryption_key(),
                )
                shared = environment.shared_environment(addresses)
                await self._migrate(shared)
                auth = environment.auth_environment(shared, addresses)
                backend = environment.backend_environment(shared, addresses)
                group.create_task(self._start_service("auth", auth))
                group.create_task(self._start_service("backend", backend))
                await edge
        except BaseExceptionGroup as failures:
            raise _first(failures) from failures
        await self._prove_through_edge()

    async def stop(self) -> None:
        """Stop in the order in which no part loses what it needs while draining.

        The services first, behind the living edge, so that open sockets get their close frame;
        then the edge; the engines last.
        """
        for names, seconds in (
            (("backend", "auth", "frontend"), SERVICES_STOP_SECONDS),
            (("edge",), EDGE_STOP_SECONDS),
            (("valkey", "postgres"), ENGINES_STOP_SECONDS),
        ):
            parts = [self._parts[name] for name in names if name in self._parts]
            await asyncio.gather(*(part.stop(seconds) for part in parts))

    def kill(self) -> None:
        """End every part now; ``stop`` then finishes immediately."""
        for part in self._parts.values():
            if part.server.pid:
                part.server.child.send(signal.SIGKILL)

    async def _start_database(self) -> str:
        if url := self._options.database_url:
            version = await external.check_database(url)
            self._use_external("postgres", f"{version} at {external.without_credentials(url)}")
            return url
        server = EmbeddedPostgres(self._paths.postgres, log_path=self._paths.log("postgres"))
        await self._supervise("postgres", server)
        self._state.database_password_file = str(server.cluster.parent / "password")
        self._stamp_file = server.cluster.parent / "migrated"
        self._cluster = server.cluster
        return server.url

    def _encryption_key(self) -> str:
        """Return the key of the identity service's private keys; made before the first migration.

        Raises:
            SecretLost: the database has been migrated, so it may hold keys that no new key opens.
        """
        file = self._paths.encryption_key
        if not self._options.database_url and self._stamp_file.exists() and not file.exists():
            raise SecretLost(
                f"{file} is gone, and the signing keys in the database open with no other",
                remedy="restore the file, or start without the data: netra up --fresh",
            )
        return read_or_create_secret(file, _new_key)

    async def _start_valkey(self) -> str:
        if url := self._options.redis_url:
            version = await external.check_valkey(url)
            self._use_external("valkey", f"{version} at {external.without_credentials(url)}")
            return url
        server = EmbeddedValkey(
            self._paths.valkey, append_only=True, log_path=self._paths.log("valkey")
        )
        await self._supervise("valkey", server)
        self._state.valkey_password_file = str(self._paths.valkey / "password")
        return server.url

    async def _start_edge(self) -> None:
        await self._supervise("edge", edge_server(lambda: self._edge, self._paths))

    async def _start_frontend(self, edge: asyncio.Task[None]) -> None:
        """Build and serve the pages; a failure is reported and stops nothing else."""
        port, folder = free_port(), self._root / "frontend"
        self._edge = replace(self._edge, frontend_note="Its pages are being built.")
        try:
            await self._build_frontend(folder)
            server = frontend_server(folder, port, self._paths.log("frontend"))
            await self._supervise("frontend", server)
        except (OperatorError, TimeoutError) as error:
            failure = _description(error)
            self._changed(PartRecord("frontend", PartState.FAILED, last_failure=failure))
            self._edge = replace(self._edge, frontend_note=f"Its pages are missing: {failure}.")
        else:
            self._edge = replace(self._edge, frontend_port=port)
        await edge
        await XdsDirectory(self._edge.directory).update(render_local(self._edge))

    async def _build_frontend(self, folder: Path) -> None:
        """Build the pages if their sources changed; if that fails the former build stays.

        Raises:
            OperatorError, TimeoutError: the build failed and there is no former one.
        """

        def report(step: str) -> None:
            self._changed(PartRecord("frontend", PartState.STARTING, detail=step))

        try:
            await build_frontend(folder, self._paths.log("frontend-build"), report)
        except (OperatorError, TimeoutError) as error:
            if built_digest(folder) is None:
                raise
            text = f"{_description(error)}; the former build is served"
            self._emit(Event("part", "frontend-build", PartState.FAILED, detail=text))

    async def _migrate(self, shared: Mapping[str, str]) -> None:
        wanted = ""
        if not self._options.database_url:
            wanted = await asyncio.to_thread(migrations.stamp, self._root, self._cluster)
            if migrations.is_current(self._stamp_file, wanted):
                self._emit(Event("part", "migrations", "skipped", detail="schema is current"))
                return
        self._emit(Event("part", "migrations", PartState.STARTING))
        started = asyncio.get_running_loop().time()
        await migrations.migrate(self._options.migrations, self._root, shared, self._paths.logs)
        if wanted:
            self._stamp_file.write_text(wanted)
        seconds = asyncio.get_running_loop().time() - started
        self._emit(Event("part", "migrations", "done", seconds=seconds))

    async def _start_service(self, name: str, variables: dict[str, str]) -> None:
        server = HttpServer(
            name,
            [sys.executable, "-m", self._options.services[name]],
            port=int(variables["PORT"]),
            ready_path="/health/ready",
            log_path=self._paths.log(name),
            environment=variables,
            working_directory=self._root,
        )
        await self._supervise(name, server)

    async def _supervise(self, name: str, server: Server) -> None:
        part = Supervised(name, server, self._changed)
        self._parts[name] = part
        await part.start()

    def _use_external(self, name: str, detail: str) -> None:
        self._state.parts[name] = PartRecord(name, PartState.EXTERNAL, detail=detail)
        write(self._paths.state, self._state)
        self._emit(Event("part", name, PartState.EXTERNAL, detail=detail))

    def _changed(self, record: PartRecord) -> None:
        """Publish a part's change: to the state file first, then to the listeners."""
        self._state.parts[record.name] = record
        self._state.parts = {
            name: self._state.parts[name] for name in ORDER if name in self._state.parts
        }
        identity = identify(record.pid)
        if identity is not None:
            self._state.identities[record.name] = identity
        else:
            self._state.identities.pop(record.name, None)
        write(self._paths.state, self._state)
        failing = record.state in {PartState.RESTARTING, PartState.FAILED}
        detail = record.last_failure if failing else record.detail
        seconds = record.started_in_seconds if record.state is PartState.READY else 0.0
        self._emit(Event("part", record.name, record.state, seconds, detail))

    async def _prove_through_edge(self) -> None:
        """Ask both services through the edge: every part may be ready and the routes wrong."""
        for path in ("/.well-known/jwks.json", "/health/ready"):
            answer = await get(
                LOOPBACK, self._options.port, path, timeout_seconds=THROUGH_EDGE_SECONDS
            )
            if answer is None or answer.status != HTTP_OK:
                status = "no answer" if answer is None else f"status {answer.status}"
                raise ServerStartFailed(
                    f"{path} through the edge: {status}", remedy="read: netra logs edge"
                )


def _description(error: OperatorError | TimeoutError) -> str:
    """Return a failure and its remedy as one line."""
    if isinstance(error, OperatorError) and error.remedy:
        return f"{error.detail}; {error.remedy}"
    return str(error) or "another process has been building for too long"


def _new_key() -> str:
    """Return 32 random bytes as base64, for AUTH_KEY_ENCRYPTION_KEY."""
    return base64.b64encode(os.urandom(32)).decode()


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first failure inside nested groups; the others follow from it."""
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
