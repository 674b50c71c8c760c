"""No credential in a log; a server that is none of ours is distinguished."""

import asyncio
import logging

import pytest

from netra_client import ClientOptions, ClientTimeouts, FixedToken, NetraClient
from netra_client.errors import ConnectionLost, DeadlinePassed, NetraClientError
from netra_client.handshake import Credential, offer_token
from netra_client.tests.unit.wire_server import WireServer
from netra_client.transport import open_socket

SECRET = "a-token-that-must-not-show"
OFFER = offer_token(Credential.SUBPROTOCOL, SECRET)


async def open_at(port: int, timeouts: ClientTimeouts) -> None:
    await open_socket(
        f"ws://127.0.0.1:{port}/ws",
        OFFER,
        timeouts=timeouts,
        max_frame_bytes=1024,
        user_agent="test/1",
    )


async def test_even_at_debug_no_log_holds_the_token(
    wire: WireServer, options: ClientOptions, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("websockets", "httpx", "httpcore", "netra_client"):
        caplog.set_level(logging.DEBUG, logger=name)
    async with NetraClient(wire.url, FixedToken(SECRET), options) as client:
        assert [item async for item in client.threads.list()] == []
    wire.refusals.append((403, {}, b""))
    with pytest.raises(NetraClientError) as caught:
        async with NetraClient(wire.url, FixedToken(SECRET), options):
            pass
    own = [r for r in caplog.records if not r.name.startswith("uvicorn")]
    assert not [record for record in own if SECRET in record.getMessage()]
    assert SECRET not in repr(caught.value)
    assert SECRET not in repr(OFFER)


async def test_a_server_that_never_answers_is_bounded() -> None:
    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)

    writers: list[asyncio.StreamWriter] = []
    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        with pytest.raises(DeadlinePassed) as caught:
            await open_at(server.sockets[0].getsockname()[1], ClientTimeouts(connect=0.1))
        for writer in writers:
            writer.close()
    assert caught.value.name == "connect"


async def test_a_server_that_is_no_websocket_server_is_reported_so() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        with pytest.raises(NetraClientError) as caught:
            await open_at(server.sockets[0].getsockname()[1], ClientTimeouts())
    assert caught.value.code in {"protocol_violation", "connection_lost"}


async def test_nothing_listening_names_the_address() -> None:
    with pytest.raises(ConnectionLost, match=r"ws://127\.0\.0\.1:9/ws"):
        await open_at(9, ClientTimeouts())
