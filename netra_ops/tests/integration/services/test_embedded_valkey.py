import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from netra_ops.errors import ServerStartFailed
from netra_ops.services.resp import ServerRefused, ask
from netra_ops.services.valkey import EmbeddedValkey

pytestmark = pytest.mark.integration

PASSWORD = 'quotes " and \\ spaces'


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path / "valkey", append_only=True)
    await server.start()
    yield server
    await server.stop()


async def say(server: EmbeddedValkey, *commands: list[str]) -> list[str]:
    password = (server.data_dir / "password").read_text()
    return (await ask("127.0.0.1", server.port, [["AUTH", password], *commands]))[1:]


async def test_no_access_without_the_password(server: EmbeddedValkey) -> None:
    with pytest.raises(ServerRefused, match="NOAUTH"):
        await ask("127.0.0.1", server.port, [["PING"]])
    assert await say(server, ["PING"]) == ["PONG"]


async def test_no_secret_on_the_command_line(server: EmbeddedValkey) -> None:
    command = await asyncio.to_thread(Path(f"/proc/{server.pid}/cmdline").read_bytes)
    assert b"valkey" in command
    assert (server.data_dir / "password").read_bytes() not in command


async def test_data_survives_a_stop_and_the_port_is_kept(server: EmbeddedValkey) -> None:
    await say(server, ["SET", "kept", "42"])
    port = server.port
    await server.stop()
    await server.start()
    assert (server.port, await say(server, ["GET", "kept"])) == (port, ["42"])


async def test_starts_again_after_kill_9(server: EmbeddedValkey) -> None:
    os.kill(server.pid, signal.SIGKILL)
    await server.child.wait(20)
    await server.stop()
    await server.start()
    assert await say(server, ["PING"]) == ["PONG"]


async def test_a_taken_port_is_no_success(server: EmbeddedValkey, tmp_path: Path) -> None:
    """The other server answers on that port; only the process id distinguishes them."""
    second = EmbeddedValkey(
        tmp_path / "second", port=server.port, password=(server.data_dir / "password").read_text()
    )
    with pytest.raises(ServerStartFailed) as failure:
        await second.start()
    assert "Address already in use" in failure.value.log_tail
    assert second.pid == 0


async def test_a_directive_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey", settings={"no-such-thing": "1"})
    with pytest.raises(ServerStartFailed) as failure:
        await server.start()
    assert "no-such-thing" in failure.value.log_tail


async def test_a_password_may_have_any_characters(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey", password=PASSWORD)
    await server.start()
    replies = await ask("127.0.0.1", server.port, [["AUTH", PASSWORD], ["PING"]])
    assert replies == ["OK", "PONG"]
    await server.stop()


async def test_without_a_password_when_asked_so(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey", password="")
    await server.start()
    assert await ask("127.0.0.1", server.port, [["PING"]]) == ["PONG"]
    assert server.url == f"redis://127.0.0.1:{server.port}/0"
    await server.stop()


async def test_a_late_start_is_reported_and_leaves_nothing(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey", start_seconds=0.001)
    with pytest.raises(ServerStartFailed, match=r"was not ready after 0\.001 s"):
        await server.start()
    assert server.pid == 0
