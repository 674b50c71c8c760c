"""One instance of the backend with a model, and the agent process inside it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psutil
from prometheus_client.parser import text_string_to_metric_families
from redis.asyncio import Redis

from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK, free_port
from netra_ops.services.valkey import EmbeddedValkey
from test_framework.platform.model_server import MODEL, model_server
from test_framework.project import PROJECT_ROOT
from test_framework.waiting import eventually

STOP_SECONDS = 10.0  # what Cloud Run grants
SERVING_SECONDS = 60.0  # a busy machine; a second on a quiet one
MODULE = "netra_backend.app.worker"


def agents_of(pid: int) -> psutil.Process | None:
    """Return the agent process of an instance."""
    for child in psutil.Process(pid).children():
        try:
            if MODULE in child.cmdline() and child.status() != psutil.STATUS_ZOMBIE:
                return child
        except psutil.NoSuchProcess:
            continue
    return None


class AgentInstance:
    """A started ``python -m netra_backend``."""

    def __init__(self, server: HttpServer, valkey_url: str) -> None:
        self.server = server
        self._valkey_url = valkey_url

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{LOOPBACK}:{self.server.port}"

    def agents(self) -> psutil.Process | None:
        """Return its agent process."""
        return agents_of(self.server.pid)

    async def metric(self, name: str, **labels: str) -> float:
        """Return the sum of a metric's samples that have these labels."""
        async with httpx.AsyncClient(base_url=self.url, timeout=5.0) as http:
            text = (await http.get("/metrics")).text
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    async def serving(self) -> psutil.Process:
        """Wait until agents take commands; return their process."""

        async def up() -> bool:
            return await self.metric("netra_agents_up") == 1

        await eventually(up, within=SERVING_SECONDS, what="the agents serve")
        process = self.agents()
        assert process is not None
        return process

    async def ready(self) -> tuple[int, dict[str, Any]]:
        """Return status and document of ``/health/ready``."""
        async with httpx.AsyncClient(base_url=self.url, timeout=5.0) as http:
            answer = await http.get("/health/ready?verbose=1")
        return answer.status_code, answer.json()

    async def stored_events(self, thread_id: UUID) -> list[tuple[int, bytes]]:
        """Return offset and event of everything in a thread's stream."""
        async with Redis.from_url(self._valkey_url) as valkey:
            rows: Any = await valkey.xrange(f"netra:{{{thread_id}}}:events")
        return [(int(row_id.partition(b"-")[0]), fields[b"e"]) for row_id, fields in rows]


@asynccontextmanager
async def agent_instance(
    folder: Path, database_url: str, secret: str, **variables: str
) -> AsyncIterator[AgentInstance]:
    """Start one instance with a Valkey and a model of its own.

    Args:
        folder: for logs and Valkey's data.
        database_url: migrated.
        secret: signs its tokens.
        variables: further settings.
    """
    async with AsyncExitStack() as ends:
        valkey = EmbeddedValkey(folder / "valkey")
        await valkey.start()
        ends.push_async_callback(valkey.stop)
        port = free_port()
        server = HttpServer(
            "backend",
            [sys.executable, "-m", "netra_backend"],
            port=port,
            ready_path="/health/ready",
            log_path=folder / "backend.log",
            working_directory=PROJECT_ROOT,
            environment={
                "ENVIRONMENT": "test",
                "DATABASE_URL": database_url,
                "REDIS_URL": valkey.url,
                "JWT_SECRET_KEY": secret,
                "HOST": LOOPBACK,
                "PORT": str(port),
                "LOG_FORMAT": "json",
                "NETRA_MODEL": MODEL,
                "NETRA_MODEL_BASE_URL": ends.enter_context(model_server()),
                "SOCKETS__DRAIN_NOTICE_SECONDS": "0.2",
                "SOCKETS__DRAIN_SPREAD_SECONDS": "0.2",
                **variables,
            },
        )
        await server.start()
        ends.push_async_callback(server.stop, STOP_SECONDS)
        yield AgentInstance(server, valkey.url)


async def gone(process: psutil.Process, *, within: float) -> None:
    """Wait until a process has ended."""
    await eventually(
        lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE,
        within=within,
        what=f"process {process.pid} ended",
    )
    await asyncio.sleep(0)
