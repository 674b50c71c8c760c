"""The Valkey client on the event loop of the services: a lost connection has one kind of error."""

from typing import Any

import pytest
import uvloop
from redis.asyncio.connection import SSLConnection, UnixDomainSocketConnection
from redis.exceptions import ConnectionError as ConnectionLost

from netra_ops.services.loopback import LOOPBACK
from netra_shared.settings import ServiceSettings, load_settings
from netra_shared.stores.valkey import create_valkey
from test_framework.faults.tcp_proxy import FaultProxy
from test_framework.waiting import eventually


def settings_for(redis_url: str) -> ServiceSettings:
    return load_settings(
        ServiceSettings,
        {
            "environment": "test",
            "database_url": "postgresql://nobody:x@127.0.0.1:1/none",
            "redis_url": redis_url,
        },
    )


def test_a_connection_that_was_reset_is_a_connection_error_on_uvloop_too(valkey_url: str) -> None:
    address = valkey_url.rpartition("@")[2].partition("/")[0]

    async def lose_it() -> None:
        async with FaultProxy(int(address.rpartition(":")[2])) as proxy:
            behind = valkey_url.replace(address, f"{LOOPBACK}:{proxy.port}")
            client = create_valkey(settings_for(behind), name="test")
            connection: Any = client.connection_pool.make_connection()  # type: ignore[no-untyped-call]
            await connection.connect()
            proxy.reset_connections()
            await eventually(connection._writer.transport.is_closing, what="the loss is noticed")
            with pytest.raises(ConnectionLost):
                await connection.send_packed_command([b"PING\r\n"], check_health=False)
            assert await client.ping(), "the next connection works"
            await client.aclose()

    uvloop.run(lose_it())


@pytest.mark.parametrize(
    ("url", "kind"),
    [("rediss://127.0.0.1:1/0", SSLConnection), ("unix:///none", UnixDomainSocketConnection)],
)
async def test_every_scheme_keeps_its_kind_of_connection(
    url: str, kind: type[SSLConnection | UnixDomainSocketConnection]
) -> None:
    client = create_valkey(settings_for(url), name="test")
    assert issubclass(client.connection_pool.connection_class, kind)
    assert client.connection_pool.connection_class is not kind
    await client.aclose()
