"""Floods that no command limit counts: the flooder is closed, a bystander is served."""

import asyncio

import pytest
from websockets.frames import Frame, Opcode

from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.tests.unit.websocket_core.harness.instance import running
from netra_backend.tests.unit.websocket_core.harness.rpc_client import ready

PING = Frame(Opcode.PING, b"").serialize(mask=True)
FRAGMENT = Frame(Opcode.CONT, b"", fin=False).serialize(mask=True)
FIRST_FRAGMENT = Frame(Opcode.TEXT, b"", fin=False).serialize(mask=True)
MALFORMED = Frame(Opcode.TEXT, b"{").serialize(mask=True)
COMMAND = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
SECONDS = 1.0  # a flooder is closed within this time


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param(PING * 130_000, id="pings"),
        pytest.param(FIRST_FRAGMENT + FRAGMENT * 130_000, id="empty fragments"),
        pytest.param(MALFORMED * 130_000, id="malformed commands"),
    ],
)
async def test_a_flooder_is_closed_and_a_bystander_is_served(valkey_url: str, flood: bytes) -> None:
    async with (
        running(valkey_url) as instance,
        ready(instance.url, instance.user()[1]) as flooder,
        ready(instance.url, instance.user()[1]) as bystander,
    ):
        before = instance.gateway.registry.snapshot()["open"]
        flooder.connection.transport.write(flood)
        # One read of the flood costs the event loop milliseconds, not the whole flood.
        async with asyncio.timeout(SECONDS * 5):
            while instance.gateway.registry.snapshot()["open"] == before:
                assert "result" in await bystander.call("ping")
        assert (await flooder.closed()) == (4429, "too many frames")
        assert instance.gateway.registry.snapshot()["closeCodes"]["4429"]["count"] == 1


async def test_accepted_commands_between_floods_do_not_help(valkey_url: str) -> None:
    limits = SocketLimits(commands_per_second=2.0, command_burst=2, max_refused_commands=20)
    async with (
        running(valkey_url, limits) as instance,
        ready(instance.url, instance.user()[1]) as client,
    ):
        for _ in range(4):
            for _ in range(10):
                await client.connection.send(COMMAND.decode())
            await asyncio.sleep(0.5)  # integrity: allow no-sleep: earns one accepted command
        assert (await client.closed()) == (4429, "too many frames")
