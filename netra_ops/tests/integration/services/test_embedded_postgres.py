import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from netra_ops.errors import DataInUse, SecretLost, ServerStartFailed
from netra_ops.services.loopback import free_port
from netra_ops.services.postgres import EmbeddedPostgres
from netra_ops.services.postmaster_pid import FILE_NAME

pytestmark = pytest.mark.integration


async def query(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url, timeout=60)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@pytest.fixture
async def server(open_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    """Durable in the sense that ``stop`` keeps the data; unsynced, to be quick."""
    server = EmbeddedPostgres(open_path / "pg", settings={"fsync": "off"})
    await server.start()
    yield server
    await server.stop()
    await asyncio.to_thread(server.remove)


async def test_serves_with_a_password_and_keeps_data(server: EmbeddedPostgres) -> None:
    await query(server.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    wrong = server.url.replace("netra:", "netra:x")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await query(wrong, "SELECT 1")
    port = server.port
    await server.stop()
    assert server.pid == 0
    await server.start()
    assert await query(server.url, "SELECT answer FROM kept") == 42
    assert server.port == port  # its clients need no new one


async def test_no_secret_on_the_command_line(server: EmbeddedPostgres) -> None:
    password = server.url.split(":")[2].partition("@")[0]
    command = await asyncio.to_thread(Path(f"/proc/{server.pid}/cmdline").read_bytes)
    assert b"postgres" in command
    assert password.encode() not in command


async def test_recovers_after_kill_9(server: EmbeddedPostgres) -> None:
    await query(server.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(server.pid, signal.SIGKILL)
    await server.child.wait(20)
    await server.stop()
    await server.start()
    assert await query(server.url, "SELECT answer FROM kept") == 42


async def test_a_stale_lock_file_that_names_a_living_stranger(server: EmbeddedPostgres) -> None:
    os.kill(server.pid, signal.SIGKILL)
    await server.child.wait(20)
    lock = server.cluster / FILE_NAME
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    await server.stop()
    await server.start()
    assert await query(server.url, "SELECT 1") == 1


async def test_a_second_server_on_the_same_data_is_refused(
    server: EmbeddedPostgres,
) -> None:
    second = EmbeddedPostgres(server.data_dir, predecessor_seconds=0.1)
    with pytest.raises(DataInUse, match=str(server.pid)):
        await second.start()
    assert second.pid == 0
    assert await query(server.url, "SELECT 1") == 1


async def test_a_taken_port_is_reported_with_the_servers_own_words(
    server: EmbeddedPostgres, open_path: Path
) -> None:
    second = EmbeddedPostgres(open_path / "second", port=server.port, throwaway=True)
    with pytest.raises(ServerStartFailed) as failure:
        await second.start()
    assert "Address already in use" in failure.value.log_tail
    await second.stop()


async def test_a_setting_that_does_not_exist_is_reported(open_path: Path) -> None:
    server = EmbeddedPostgres(open_path / "pg", throwaway=True, settings={"no_such_thing": "1"})
    with pytest.raises(ServerStartFailed) as failure:
        await server.start()
    assert "no_such_thing" in failure.value.log_tail
    await server.stop()


async def test_throwaway_leaves_nothing(open_path: Path) -> None:
    server = EmbeddedPostgres(open_path / "pg", throwaway=True, port=free_port())
    await server.start()
    cluster = server.cluster
    assert await query(server.url, "SHOW fsync") == "off"
    await server.stop()
    await server.stop()
    assert not cluster.exists()


async def test_the_database_may_have_any_name(open_path: Path) -> None:
    server = EmbeddedPostgres(open_path / "pg", throwaway=True, database='we"ird name')
    await server.start()
    connection = await asyncpg.connect(server.database_url("postgres"), database='we"ird name')
    assert await connection.fetchval("SELECT current_database()") == 'we"ird name'
    await connection.close()
    await server.stop()


async def test_a_cluster_without_its_password_is_refused_with_the_remedy(open_path: Path) -> None:
    server = EmbeddedPostgres(open_path / "pg")
    server.cluster.mkdir(parents=True)
    (server.cluster / "PG_VERSION").write_text("18\n")
    with pytest.raises(SecretLost, match="password is gone") as refusal:
        await server.start()
    assert "netra up --fresh" in refusal.value.remedy
    assert not (server.data_dir / "password").exists()  # a new one would hide the loss
