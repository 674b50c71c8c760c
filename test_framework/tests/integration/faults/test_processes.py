import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as ValkeyGone

from netra_ops.services.valkey import EmbeddedValkey
from test_framework.faults.processes import frozen, kill, restart


@pytest.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path, append_only=True)
    await server.start()
    yield server
    await server.stop()


async def test_a_frozen_server_is_stopped_and_continues(valkey: EmbeddedValkey) -> None:
    process = psutil.Process(valkey.pid)
    with frozen(valkey.pid):
        assert process.status() == psutil.STATUS_STOPPED
    assert process.status() != psutil.STATUS_STOPPED
    async with Redis.from_url(valkey.url) as client:
        assert await client.ping()


async def test_a_process_that_ends_while_frozen_is_no_error(valkey: EmbeddedValkey) -> None:
    with frozen(valkey.pid):
        os.kill(valkey.pid, signal.SIGKILL)
    assert await valkey.child.wait(20.0) == -signal.SIGKILL


async def test_kill_returns_when_it_is_gone(valkey: EmbeddedValkey) -> None:
    pid, url = valkey.pid, valkey.url
    await kill(valkey)
    assert not psutil.pid_exists(pid)
    async with Redis.from_url(url) as client:
        with pytest.raises(ValkeyGone):
            await client.ping()


async def test_restart_keeps_port_and_data(valkey: EmbeddedValkey) -> None:
    port, pid = valkey.port, valkey.pid
    async with Redis.from_url(valkey.url) as client:
        await client.set("kept", "yes")
        await client.waitaof(1, 0, 5000)
    await restart(valkey)
    assert valkey.port == port
    assert valkey.pid != pid
    async with Redis.from_url(valkey.url) as client:
        assert await client.get("kept") == b"yes"
