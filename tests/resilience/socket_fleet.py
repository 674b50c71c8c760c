"""Several instances of the backend behind one real edge, with real stores and the identity service.

The edge learns of every change, as Cloud Run's own router would: a new instance gets new
sockets once it is ready, one that stops or was killed gets none.
"""

import asyncio
import base64
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from redis.asyncio import Redis

from netra_client import ClientOptions, NetraClient, ReconnectPolicy
from netra_client.token_source import FixedToken
from netra_cloud.edge.xds import XdsDirectory
from netra_ops.edge.local import LocalEdge, render_local
from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK, free_port
from netra_ops.services.valkey import EmbeddedValkey
from netra_ops.stack.edge_server import edge_server
from netra_ops.stack.paths import StackPaths
from test_framework.platform.model_server import MODEL
from test_framework.platform.people import Person
from test_framework.project import PROJECT_ROOT
from test_framework.stolen_time import watching

CLOUD_RUN_SECONDS = 10.0  # between SIGTERM and SIGKILL
PATIENCE_SECONDS = 40.0  # for what has its bound in fair time
START_SECONDS = 90.0  # several at once, each some seconds of computing, on a starved machine
EDGE_STOP_SECONDS = 2.0
QUICK = ClientOptions(reconnect=ReconnectPolicy(prompt=0.05, first=0.1, cap=1.0))
GENEROUS = {  # everybody comes from one address and is one person
    "RATE_LOGIN_PER_ADDRESS": "3000 per 1 minute",
    "RATE_LOGIN_PER_ACCOUNT": "300 per 5 minute",
    "RATE_REGISTER_PER_ADDRESS": "3000 per 1 minute",
    "RATE_REFRESH_PER_ADDRESS": "6000 per 1 minute",
    "SOCKETS__MAX_CONNECTIONS_PER_USER": "500",
}


class SocketFleet:
    """Instances come and go; the edge's address stays.

    Args:
        folder: for logs and stores; a short path, Envoy's admin socket lies in it.
        database_url: migrated.
        model_url: of a server with OpenAI's chat completions.
        variables: further settings of every instance.
    """

    def __init__(
        self, folder: Path, database_url: str, model_url: str, variables: dict[str, str]
    ) -> None:
        self.valkey = EmbeddedValkey(folder / "valkey", port=free_port())
        self.instances: list[HttpServer] = []
        self._folder = folder
        self._started = 0
        self._ends = AsyncExitStack()
        self._environment = {
            "ENVIRONMENT": "test",
            "DATABASE_URL": database_url,
            "JWT_SECRET_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "HOST": LOOPBACK,
            "LOG_FORMAT": "json",
            "NETRA_MODEL": MODEL,
            "NETRA_MODEL_BASE_URL": model_url,
            "TRUSTED_PROXIES": "127.0.0.1/32",
            **GENEROUS,
            **variables,
        }
        self._paths = StackPaths(folder / "edge")
        self._edge_port = free_port()
        self._auth = self._server("auth_service", "auth")

    @property
    def url(self) -> str:
        """Where the edge listens."""
        return f"http://{LOOPBACK}:{self._edge_port}"

    @property
    def logs(self) -> list[Path]:
        """The logs of all instances so far."""
        return sorted(self._folder.glob("*.log"))

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that may run while a test waits for an answer."""
        return (self.valkey.pid, self._auth.pid, *(server.pid for server in self.instances))

    async def start(self, instances: int) -> None:
        """Start the stores, the identity service, so many instances, and the edge."""
        await self.valkey.start()
        self._ends.push_async_callback(self.valkey.stop)
        self._environment["REDIS_URL"] = self.valkey.url
        self._auth = self._server("auth_service", "auth")
        self._ends.push_async_callback(self._auth.stop, CLOUD_RUN_SECONDS)
        self.instances = [self._new_instance() for _ in range(instances)]
        servers = [self._auth, *self.instances]
        # All of them come to an end before one's failure is raised: else it would leave the others.
        outcomes = await asyncio.gather(
            *(server.start() for server in servers), return_exceptions=True
        )
        if failures := [outcome for outcome in outcomes if isinstance(outcome, BaseException)]:
            raise failures[0]
        self._paths.create()
        edge = edge_server(self._edge, self._paths)
        await edge.start()
        self._ends.push_async_callback(edge.stop, EDGE_STOP_SECONDS)

    async def stop(self) -> None:
        """Stop everything."""
        await asyncio.gather(*(server.stop(CLOUD_RUN_SECONDS) for server in self.instances))
        await self._ends.aclose()

    async def add(self) -> HttpServer:
        """Start one more instance and let it have new sockets."""
        server = self._new_instance()
        await server.start()
        self.instances.append(server)
        await self._update_edge()
        return server

    async def replace(self, old: HttpServer) -> float:
        """Do what a rollout does; returns the fair seconds from SIGTERM to the old one's end."""
        await self.add()
        self.instances.remove(old)
        await self._update_edge()
        async with watching(*self.pids, old.pid) as stolen:
            started = time.monotonic()
            old.child.send(signal.SIGTERM)
            assert await old.child.wait(PATIENCE_SECONDS) == 0
            return stolen.fair_since(started)

    async def kill(self, server: HttpServer) -> None:
        """End an instance without a warning."""
        server.child.send(signal.SIGKILL)
        await server.child.wait(CLOUD_RUN_SECONDS)
        self.instances.remove(server)
        await self._update_edge()

    async def status_of(self, server: HttpServer) -> tuple[int, str]:
        """Return HTTP status and status word of an instance's readiness."""
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
            answer = await client.get(f"{address(server)}/health/ready")
        return answer.status_code, str(answer.json()["status"])

    async def stored_events(self, thread_id: UUID) -> list[tuple[int, bytes]]:
        """Return offset and event of everything in a thread's stream."""
        async with Redis.from_url(self.valkey.url) as valkey:
            rows: Any = await valkey.xrange(f"netra:{{{thread_id}}}:events")
        return [(int(row_id.partition(b"-")[0]), fields[b"e"]) for row_id, fields in rows]

    def _new_instance(self) -> HttpServer:
        self._started += 1
        return self._server("netra_backend", f"backend-{self._started}")

    def _server(self, module: str, name: str) -> HttpServer:
        port = free_port()
        return HttpServer(
            name,
            [sys.executable, "-m", module],
            port=port,
            ready_path="/health/ready",
            log_path=self._folder / f"{name}.log",
            working_directory=PROJECT_ROOT,
            environment={**self._environment, "INSTANCE_ID": name, "PORT": str(port)},
            start_seconds=START_SECONDS,
        )

    def _edge(self) -> LocalEdge:
        ports = [server.port for server in self.instances]
        return LocalEdge(
            port=self._edge_port,
            addresses=(LOOPBACK,),
            auth_port=self._auth.port,
            backend_port=ports[0],
            further_backend_ports=tuple(ports[1:]),
            directory=self._paths.edge_configuration,
        )

    async def _update_edge(self) -> None:
        edge = self._edge()
        await XdsDirectory(edge.directory).update(render_local(edge))


def address(server: HttpServer) -> str:
    """Return where one instance listens, past the edge."""
    return f"http://{LOOPBACK}:{server.port}"


@asynccontextmanager
async def on(
    instance: HttpServer, person: Person, options: ClientOptions = QUICK
) -> AsyncIterator[NetraClient]:
    """Connect to one instance, past the edge."""
    async with NetraClient(address(instance), FixedToken(person.token), options) as client:
        yield client
