"""Both services on a Valkey that was started with ``cluster-enabled``."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from netra_client import ClientOptions, IdentityClient, NetraClient
from netra_client.errors import SocketClosed
from netra_client.states import Closed, ConnectionState
from netra_client.token_source import FixedToken
from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK, free_port
from netra_ops.services.valkey import EmbeddedValkey
from test_framework.fixtures.services import START_SECONDS, StartBackend
from test_framework.project import PROJECT_ROOT
from test_framework.waiting import eventually

PASSWORD = "cluster-test"
SLOTS = 16384
STOP_SECONDS = 10.0


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[EmbeddedValkey]:
    """One node that has every slot; commands across slots are refused all the same."""
    server = EmbeddedValkey(
        tmp_path / "cluster",
        password=PASSWORD,
        settings={
            "cluster-enabled": "yes",
            "cluster-config-file": str(tmp_path / "nodes.conf"),
            "cluster-port": str(free_port()),
        },
    )
    await server.start()
    async with Redis(port=server.port, password=PASSWORD) as client:
        execute: Any = client.execute_command
        await execute("CLUSTER", "ADDSLOTSRANGE", 0, SLOTS - 1)

        async def is_up() -> bool:
            return b"cluster_state:ok" in await execute("CLUSTER", "INFO")

        # A node takes no commands for two seconds after its start, also with all its slots.
        await eventually(is_up, within=30)
    yield server
    await server.stop()


async def test_sign_in_run_and_sign_out_on_a_cluster(
    cluster: EmbeddedValkey,
    start_backend: StartBackend,
    service_environment: dict[str, str],
    tmp_path: Path,
) -> None:
    variables = {"REDIS_URL": cluster.url, "REDIS_CLUSTER": "true"}
    port = free_port()
    auth = HttpServer(
        "auth",
        [sys.executable, "-m", "auth_service"],
        port=port,
        ready_path="/health/ready",
        log_path=tmp_path / "auth.log",
        working_directory=PROJECT_ROOT,
        environment={**service_environment, **variables, "PORT": str(port)},
        start_seconds=START_SECONDS,
    )
    await auth.start()
    backend = await start_backend(**variables)
    ends: list[ConnectionState] = []
    options = ClientOptions(
        on_state=lambda state: ends.append(state) if isinstance(state, Closed) else None
    )
    async with IdentityClient(f"http://{LOOPBACK}:{auth.port}") as identity:
        signed_in = await identity.register("someone@example.com", "correct horse battery")
        assert (await identity.socket_ticket(signed_in.access_token)).ticket
        tokens = FixedToken(signed_in.access_token)
        async with NetraClient(f"http://{LOOPBACK}:{backend.port}", tokens, options) as client:
            thread = await client.threads.create()
            assert await client.run(thread.id, "What is 4413?").answer()
            assert (await client.presence(thread.id)).complete
            await identity.logout(signed_in.refresh_token)
            await eventually(lambda: ends, within=20)
    assert isinstance(ends[0], Closed)
    assert isinstance(ends[0].error, SocketClosed)
    assert ends[0].error.close_code == 4410
    await auth.stop(STOP_SECONDS)
    assert '"severity": "ERROR"' not in auth.log_path.read_text() + backend.log_path.read_text()
    assert "rate limits fall back" not in auth.log_path.read_text()  # its limits are shared, too
