"""Several instances of the small service, each with its own way to one PostgreSQL."""

import asyncio
import secrets
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import httpx

from netra_ops.services.loopback import LOOPBACK
from netra_ops.services.postgres import EmbeddedPostgres
from netra_ops.services.valkey import EmbeddedValkey
from test_framework.faults.tcp_proxy import FaultProxy
from tests.resilience.service_process import ServiceProcess

SECONDS = 30.0  # for each thing that a test itself asks of a healthy server


class Stack:
    """The instances, a proxy to PostgreSQL before each, one proxy to Valkey before all.

    Args:
        folder: for logs.
        postgres: the server, and the URL of a database on it, as its superuser.
        valkey: a server of this test alone.
        settings: of the service, beyond addresses and environment.
    """

    def __init__(
        self,
        folder: Path,
        postgres: tuple[EmbeddedPostgres, str],
        valkey: EmbeddedValkey,
        settings: Mapping[str, str],
    ) -> None:
        self._folder = folder
        self.postgres, self._admin_url = postgres
        self.valkey = valkey
        self._settings = dict(settings)
        self.role = f"service_{secrets.token_hex(4)}"
        self.role_password = secrets.token_hex(8)
        self.postgres_paths = [FaultProxy(postgres[0].port)]  # one for each instance
        self.to_valkey = FaultProxy(valkey.port)
        self.services: list[ServiceProcess] = []

    async def start(self, *, instances: int = 1) -> None:
        """Start the proxies and ``instances`` of the service."""
        await self._sql(f"CREATE ROLE {self.role} LOGIN PASSWORD '{self.role_password}'")
        self.postgres_paths = [FaultProxy(self.postgres.port) for _ in range(instances)]
        for path in (*self.postgres_paths, self.to_valkey):
            await path.start()
        database = self._admin_url.rpartition("/")[2]
        login = f"{self.role}:{self.role_password}"
        valkey_url = self.valkey.url.replace(
            f"{LOOPBACK}:{self.valkey.port}", f"{LOOPBACK}:{self.to_valkey.port}"
        )
        settings = {
            "ENVIRONMENT": "staging",  # the budgets of Google Cloud
            "REDIS_URL": valkey_url,
            **self._settings,
        }
        self.services = [
            ServiceProcess(
                self._folder / f"service-{number}.log",
                {
                    "DATABASE_URL": f"postgresql://{login}@{LOOPBACK}:{path.port}/{database}",
                    **settings,
                },
            )
            for number, path in enumerate(self.postgres_paths)
        ]
        await asyncio.gather(*(service.start() for service in self.services))

    async def stop(self) -> None:
        """End the services, the proxies, the role."""
        await asyncio.gather(*(service.stop() for service in self.services))
        for path in (*self.postgres_paths, self.to_valkey):
            await path.stop()
        await self._sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", self.role
        )
        await self._sql(f"DROP ROLE {self.role}")

    @property
    def service(self) -> ServiceProcess:
        """The first instance."""
        return self.services[0]

    async def post(self, path: str, *, instance: int = 0) -> None:
        """Ask an instance to do something to itself."""
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            answer = await client.post(self.services[instance].url + path)
            answer.raise_for_status()

    async def _sql(self, statement: str, *arguments: str) -> None:
        connection = await asyncpg.connect(
            self._admin_url, timeout=SECONDS, command_timeout=SECONDS
        )
        try:
            await connection.execute(statement, *arguments)
        finally:
            await connection.close()
