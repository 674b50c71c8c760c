"""PostgreSQL and Valkey of one fault test, with a proxy before each, and the service on them."""

import asyncio
import os
import secrets
import signal
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import httpx
import psutil

from netra_ops.services.loopback import LOOPBACK
from netra_ops.services.postgres import EmbeddedPostgres
from netra_ops.services.valkey import EmbeddedValkey
from test_framework.faults.tcp_proxy import FaultProxy
from tests.resilience.private_hosts import private_hosts_prefix
from tests.resilience.service_process import ServiceProcess

SECONDS = 10.0  # for each thing that a test itself asks of a healthy server


class Stack:
    """Everything that a fault can be done to.

    Args:
        folder: for logs and the private hosts file.
        postgres: the server, and the URL of a database on it, as its superuser.
        valkey: a server of this test alone.
        environment: settings of the service beyond the addresses.
        private_names: run the service with a hosts file of its own, where ``valkey_name`` leads
            to Valkey's proxy.
    """

    valkey_name = "valkey.internal"

    def __init__(
        self,
        folder: Path,
        postgres: tuple[EmbeddedPostgres, str],
        valkey: EmbeddedValkey,
        *,
        environment: Mapping[str, str] | None = None,
        private_names: bool = False,
    ) -> None:
        self._folder = folder
        self.postgres, self._admin_url = postgres
        self.valkey = valkey
        self._environment = dict(environment or {})
        self._private_names = private_names
        self.hosts = folder / "hosts"
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
        prefix: list[str] = []
        valkey_host = LOOPBACK
        if self._private_names:
            valkey_host = self.valkey_name
            self.hosts.write_text(f"127.0.0.1 localhost {self.valkey_name}\n")
            prefix = private_hosts_prefix(self.hosts)
        database = self._admin_url.rpartition("/")[2]
        login = f"{self.role}:{self.role_password}"
        valkey_url = self.valkey.url.replace(
            f"{LOOPBACK}:{self.valkey.port}", f"{valkey_host}:{self.to_valkey.port}"
        )
        settings = {
            "ENVIRONMENT": "staging",  # the budgets of Google Cloud
            "REDIS_URL": valkey_url,
            **self._environment,
        }
        self.services = [
            ServiceProcess(
                self._folder / f"service-{number}.log",
                {
                    "DATABASE_URL": f"postgresql://{login}@{LOOPBACK}:{path.port}/{database}",
                    **settings,
                },
                prefix=prefix,
            )
            for number, path in enumerate(self.postgres_paths)
        ]
        await asyncio.gather(*(service.start() for service in self.services))

    async def stop(self) -> None:
        """Thaw what is frozen, end the services, the proxies, the role."""
        os.kill(self.valkey.pid, signal.SIGCONT)
        signal_family(self.postgres.pid, signal.SIGCONT)
        await asyncio.gather(*(service.stop() for service in self.services))
        for path in (*self.postgres_paths, self.to_valkey):
            await path.stop()
        await self.end_sessions()
        await self._sql(f"DROP ROLE {self.role}")

    @property
    def service(self) -> ServiceProcess:
        """The first instance."""
        return self.services[0]

    @property
    def to_postgres(self) -> FaultProxy:
        """The first instance's way to PostgreSQL."""
        return self.postgres_paths[0]

    async def post(self, path: str, *, instance: int = 0) -> None:
        """Ask an instance to do something to itself."""
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            answer = await client.post(self.services[instance].url + path)
            answer.raise_for_status()

    async def alter_role(self, change: str) -> None:
        """Change the role that the service logs in as."""
        await self._sql(f"ALTER ROLE {self.role} {change}")

    async def end_sessions(self) -> None:
        """End every session of the service."""
        await self._sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", self.role
        )

    async def _sql(self, statement: str, *arguments: str) -> None:
        connection = await asyncpg.connect(
            self._admin_url, timeout=SECONDS, command_timeout=SECONDS
        )
        try:
            await connection.execute(statement, *arguments)
        finally:
            await connection.close()


def signal_family(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process and all its descendants (PostgreSQL has one per session)."""
    root = psutil.Process(pid)
    for process in [root, *root.children(recursive=True)]:
        process.send_signal(number)
