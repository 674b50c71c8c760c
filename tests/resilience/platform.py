"""Identity service and gateway as processes, on a PostgreSQL and a Valkey that can be harmed."""

import asyncio
import base64
import os
import secrets
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

import asyncpg
import psutil
from sqlalchemy.ext.asyncio import create_async_engine

from auth_service.app.upgrade import MIGRATIONS as AUTH_MIGRATIONS
from netra_backend.app.db.schema import backend_migrations
from netra_client import IdentityClient
from netra_ops.services.loopback import LOOPBACK
from netra_ops.services.postgres import EmbeddedPostgres
from netra_ops.services.valkey import EmbeddedValkey
from netra_shared.stores.database import async_url
from test_framework.faults.processes import signal_family
from test_framework.faults.tcp_proxy import FaultProxy
from tests.resilience.private_hosts import PrivateHosts
from tests.resilience.service_process import ServiceProcess
from tests.resilience.small_disk import SmallDisk, small_disk

SECONDS = 30.0  # for each thing that a test itself asks of a healthy server
# The cluster takes 46 MB, the write-ahead log up to 32 MB more; what is left can be filled.
DISK_MEGABYTES = 128
DATABASE = "platform"
ROLE = "service"
# Everything that a fault is about keeps its default. Only the memory of earlier falls is short:
# the tests do one thing after the other to the same services and must not look like flapping.
SETTINGS = {"ENVIRONMENT": "staging", "READINESS__FLAP_WINDOW_SECONDS": "0.5"}


class Platform:
    """Both services on stores of their own, a proxy before each store.

    Use it as an async context manager.

    Args:
        folder: for logs, Valkey's data and the hosts file.
    """

    valkey_name = "valkey.internal"
    postgres_name = "postgres.internal"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ends = AsyncExitStack()
        self.role_password = secrets.token_hex(8)
        self.hosts = PrivateHosts(folder / "hosts")
        self.disk: SmallDisk
        self.postgres: EmbeddedPostgres
        self.valkey = EmbeddedValkey(folder / "valkey")
        self.to_postgres: FaultProxy
        self.to_valkey: FaultProxy
        self.auth: ServiceProcess
        self.backend: ServiceProcess
        self.access_token = ""  # of a person who exists
        self.release: Callable[[], Awaitable[None]]  # undoes the fault that holds something

    async def __aenter__(self) -> Self:
        """Start the stores, the proxies, the identity service, the gateway."""
        try:
            await self._start()
        except BaseException:
            await self._ends.aclose()
            raise
        return self

    async def __aexit__(self, *_exception: object) -> None:
        """Thaw what is frozen and end everything in the reverse order."""
        os.kill(self.valkey.pid, signal.SIGCONT)
        signal_family(self.postgres.pid, signal.SIGCONT)
        self.disk.clear()
        await self._ends.aclose()

    async def _start(self) -> None:
        self.disk = self._ends.enter_context(small_disk(DISK_MEGABYTES))
        self.postgres = EmbeddedPostgres(
            self.disk.path / "postgres",
            throwaway=True,
            settings={"min_wal_size": "32MB", "max_wal_size": "32MB"},
            start_seconds=3 * SECONDS,
        )
        for store in (self.postgres, self.valkey):
            await store.start()
            self._ends.push_async_callback(store.stop)
        await self._sql(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{self.role_password}'")
        await self._sql(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        await self._migrate()
        self.to_postgres = FaultProxy(self.postgres.port)
        self.to_valkey = FaultProxy(self.valkey.port)
        for proxy in (self.to_postgres, self.to_valkey):
            await proxy.start()
            self._ends.push_async_callback(proxy.stop)
        await self._start_services()
        async with asyncio.timeout(SECONDS):
            await asyncio.gather(self.auth.ready(), self.backend.ready())
        async with IdentityClient(self.auth.url) as identity:
            email = f"{secrets.token_hex(8)}@resilience.netra.dev"
            account = await identity.register(email, secrets.token_urlsafe(18))
            self.access_token = account.access_token

    async def _start_services(self) -> None:
        names = [LOOPBACK, LOOPBACK]
        if self.hosts.real:
            names = [self.postgres_name, self.valkey_name]
            for name in names:
                self.hosts.know(name)
        settings = SETTINGS | {
            "DATABASE_URL": self._database_url(names[0], self.to_postgres.port),
            "REDIS_URL": self.valkey.url.replace(
                f"{LOOPBACK}:{self.valkey.port}", f"{names[1]}:{self.to_valkey.port}"
            ),
        }
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        self.auth = self._service("auth_service", settings | {"AUTH_KEY_ENCRYPTION_KEY": key})
        await self._run(self.auth)
        keys = f"{self.auth.url}/.well-known/jwks.json"
        self.backend = self._service("netra_backend", settings | {"AUTH_JWKS_URL": keys})
        await self._run(self.backend)

    def _service(self, module: str, settings: dict[str, str]) -> ServiceProcess:
        log = self._folder / f"{module}.log"
        return ServiceProcess(log, settings, module=module, prefix=self.hosts.prefix)

    async def _run(self, service: ServiceProcess) -> None:
        await service.start()
        self._ends.push_async_callback(service.stop)

    @property
    def store_pids(self) -> tuple[int, ...]:
        """Processes of both stores; PostgreSQL has one for each session that is open now."""
        sessions = psutil.Process(self.postgres.pid).children()
        return (self.valkey.pid, self.postgres.pid, *(session.pid for session in sessions))

    @property
    def pids(self) -> tuple[int, ...]:
        """Every process."""
        return (self.auth.child.pid, self.backend.child.pid, *self.store_pids)

    async def alter_role(self, change: str) -> None:
        """Change the role that the services log in as."""
        await self._sql(f"ALTER ROLE {ROLE} {change}")

    async def end_sessions(self) -> None:
        """End every session of the services."""
        await self._sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", ROLE
        )

    async def open_session(self) -> asyncpg.Connection:
        """Return a session of the superuser in the services' database; the caller closes it."""
        return await asyncpg.connect(
            self.postgres.database_url(DATABASE), timeout=SECONDS, command_timeout=SECONDS
        )

    async def _sql(self, statement: str, *arguments: str) -> None:
        connection = await asyncpg.connect(
            self.postgres.url, timeout=SECONDS, command_timeout=SECONDS
        )
        try:
            await connection.execute(statement, *arguments)
        finally:
            await connection.close()

    async def _migrate(self) -> None:
        engine = create_async_engine(async_url(self._database_url(LOOPBACK, self.postgres.port)))
        try:
            await AUTH_MIGRATIONS.upgrade(engine)
            await backend_migrations().upgrade(engine)
        finally:
            await engine.dispose()

    def _database_url(self, host: str, port: int) -> str:
        return f"postgresql://{ROLE}:{self.role_password}@{host}:{port}/{DATABASE}"
