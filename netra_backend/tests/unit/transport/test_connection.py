"""The transport's shell on real sockets: order, back-pressure, keepalive, the ways to end."""

import asyncio
from typing import Any

import pytest
import websockets

from netra_backend.app.transport.connection import WebSocketProtocol
from netra_backend.app.transport.frames import text_frame
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.websocket_core.server_options import websocket_server_options
from netra_backend.tests.unit.transport.client_frames import (
    PING,
    PONG,
    TEXT,
    ClientFrame,
    close,
    text,
)
from netra_backend.tests.unit.transport.served import (
    Recorder,
    asgi_echo,
    opened,
    served,
)
from netra_backend.tests.unit.websocket_core.harness.waiting import until
from test_framework.stolen_time import undisturbed

MANY = 64 * 1024 * 1024  # more than kernel and transport buffer together


class Hasty(WebSocketProtocol):
    close_seconds = 0.3


async def flood_until_paused(connection: Any) -> None:
    """Write as a careful sender does until the peer's slowness shows."""
    frame = text_frame(b"x" * 60_000)
    for _ in range(MANY // len(frame)):
        if not connection.writable:
            return
        connection.write(frame)
        await asyncio.sleep(0)
    pytest.fail("a client that does not read was never felt")


async def test_messages_held_back_arrive_later_in_order_and_reading_stops_meanwhile() -> None:
    receiver = Recorder(holds=True)
    async with served(receiver.app) as (port, _), opened(port) as client:
        client.writer.write(b"".join(text(f"{at}") for at in range(50)))
        await until(lambda: receiver.texts == ["0"])
        await until(lambda: not receiver.connection._machine.reading)
        waiting = receiver.connection._machine.undelivered
        client.writer.write(text("y" * 1000) * 1000)
        # integrity: allow no-sleep: that nothing more is read has no event to wait for
        await asyncio.sleep(0.05)
        assert receiver.connection._machine.undelivered == waiting  # the kernel keeps the rest
        for at in range(1, 50):
            receiver.connection.release()
            await until(lambda at=at: len(receiver.texts) > at)  # type: ignore[misc]
        assert receiver.texts[:50] == [str(at) for at in range(50)]


async def test_commands_sent_before_a_close_are_delivered_before_it() -> None:
    receiver = Recorder(holds=True)
    async with served(receiver.app) as (port, _), opened(port) as client:
        client.writer.write(text("one") + text("two") + close(1000, "bye"))
        await until(lambda: receiver.texts == ["one"])
        client.writer.close()
        receiver.connection.release()
        receiver.connection.release()
        async with asyncio.timeout(30):
            assert await receiver.closed == (1000, "bye")
        assert receiver.texts == ["one", "two"]


async def test_pings_are_answered_while_messages_are_held() -> None:
    receiver = Recorder(holds=True)
    async with served(receiver.app) as (port, _), opened(port) as client:
        client.writer.write(text("one") + text("two") + ClientFrame(PING, b"here?").wire())
        assert await client.frame() == (PONG, b"here?")
        assert receiver.texts == ["one"]


async def test_a_client_that_pings_and_never_reads_costs_one_pong() -> None:
    receiver = Recorder()
    async with served(receiver.app) as (port, _), opened(port) as client:
        await until(lambda: receiver.connection is not None)
        await flood_until_paused(receiver.connection)
        before = receiver.connection.transport.get_write_buffer_size()
        for at in range(2000):
            client.writer.write(ClientFrame(PING, f"{at}".encode()).wire())
        client.writer.write(text("last"))
        await until(lambda: receiver.texts == ["last"])
        assert receiver.connection.transport.get_write_buffer_size() <= before
        while (found := await client.frame())[0] == TEXT:
            pass
        assert found == (PONG, b"1999")  # RFC 6455 section 5.5.3: the latest is enough
        assert receiver.writable_again == 1


async def test_a_close_behind_a_client_that_does_not_read_is_enforced() -> None:
    receiver = Recorder()
    async with served(receiver.app, protocol=Hasty) as (port, server), opened(port) as client:
        await until(lambda: receiver.connection is not None)
        await flood_until_paused(receiver.connection)
        receiver.connection.close(4413, "slow_consumer")
        receiver.done.set()
        await until(lambda: not server.server_state.connections)
        await client.ended()
        assert not receiver.closed.done()  # it closed by itself


async def test_both_closes_end_the_connection_and_the_server_ends_it_first() -> None:
    receiver = Recorder()
    async with served(receiver.app) as (port, _), opened(port) as client:
        await until(lambda: receiver.connection is not None)
        receiver.connection.close(4401, "unauthenticated")
        receiver.connection.write(text_frame(b"too late"))
        assert await client.frame() == (8, (4401).to_bytes(2) + b"unauthenticated")
        client.writer.write(text("not delivered") + close(4401))
        assert await client.ended() == b""
        assert receiver.texts == []
        receiver.done.set()


class Patient(WebSocketProtocol):
    close_seconds = 60.0


async def test_a_peers_close_that_was_held_back_counts_when_the_server_closes() -> None:
    receiver = Recorder(holds=True)
    async with served(receiver.app, protocol=Patient) as (port, _), opened(port) as client:
        client.writer.write(text("one") + close(1000))
        await until(lambda: receiver.texts == ["one"] and receiver.connection._machine.undelivered)
        receiver.connection.close(1012, "")
        assert await client.close_code() == 1012
        assert await client.ended() == b""  # immediately: there is no other close to wait for
        receiver.done.set()


async def test_a_violation_is_explained_even_to_a_client_that_keeps_sending() -> None:
    receiver = Recorder()
    async with served(receiver.app, ws_max_size=1000) as (port, _), opened(port) as client:
        client.writer.write(text("x" * 1001) + bytes(3_000_000))
        assert await client.close_code() == 1009
        assert await client.ended() == b""
        client.writer.close()
        async with asyncio.timeout(30):
            assert (await receiver.closed)[0] == 1009


async def test_a_peer_that_vanishes_is_reported_as_abnormal() -> None:
    receiver = Recorder()
    async with served(receiver.app) as (port, _), opened(port) as client:
        client.writer.transport.abort()
        async with asyncio.timeout(30):
            assert await receiver.closed == (1006, "")


@pytest.mark.parametrize("answers", [True, False])
async def test_a_silent_peer_is_given_up_and_a_living_one_is_not(
    answers: bool,  # noqa: FBT001  the two rows of one table
) -> None:
    async def attempt() -> None:
        receiver = Recorder()
        options: dict[str, Any] = {"ws_ping_interval": 0.1, "ws_ping_timeout": 0.1}
        async with served(receiver.app, **options) as (port, _), opened(port) as client:
            for _ in range(4):
                kind, payload = await client.frame()
                if not answers:
                    break
                assert kind == PING
                client.writer.write(ClientFrame(PONG, payload).wire())
            if answers:
                assert not receiver.closed.done()
            else:
                assert await client.close_code() == 1001
                assert await receiver.closed == (1001, "no answer to ping")

    await undisturbed(attempt, deadline=0.1)


async def test_holding_does_not_make_a_living_peer_look_dead() -> None:
    async def attempt() -> None:
        receiver = Recorder(holds=True)
        options: dict[str, Any] = {"ws_ping_interval": 0.05, "ws_ping_timeout": 0.05}
        async with served(receiver.app, **options) as (port, _), opened(port) as client:
            client.writer.write(text("one") + text("two"))
            await until(lambda: receiver.texts == ["one"])
            for _ in range(4):  # its pongs cannot be seen
                assert (await client.frame())[0] == PING
            assert not receiver.closed.done()

    await undisturbed(attempt, deadline=0.05)


async def test_the_servers_stop_closes_with_1012() -> None:
    receiver = Recorder()
    async with served(receiver.app) as (port, server), opened(port) as client:
        await until(lambda: receiver.connection is not None)
        server.should_exit = True
        assert await client.close_code() == 1012
        client.writer.write(close(1012))
        assert (await receiver.closed)[0] == 1012


async def test_an_application_that_fails_after_accepting_closes_with_an_error_id() -> None:
    async def failing(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        raise LookupError("a defect")

    gateways = websocket_server_options(SocketLimits())["ws"]
    async with served(failing, protocol=gateways) as (port, _), opened(port) as client:
        kind, payload = await client.frame()
        assert kind == 8
        assert payload[:2] == (4500).to_bytes(2)
        assert payload[2:].startswith(b"error_id=")


async def test_an_application_may_refuse_with_a_document_of_its_own() -> None:
    async def refusing(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "websocket.http.response.start", "status": 418, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b"tea", "more_body": True})
        await send({"type": "websocket.http.response.body", "body": b"pot"})

    async with served(refusing) as (port, _):
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(f"ws://127.0.0.1:{port}/").__aenter__()
        assert refused.value.response.status_code == 418
        assert refused.value.response.body == b"teapot"


async def test_a_stalled_reader_blocks_an_asgi_sender_until_it_leaves() -> None:
    progress: list[int] = []
    ended = asyncio.Event()

    async def sending(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        try:
            for at in range(MANY // 60_000):
                await send({"type": "websocket.send", "bytes": bytes(60_000)})
                progress.append(at)
        finally:
            ended.set()

    async with served(sending) as (port, _), opened(port) as client:
        reached = -1
        while reached != len(progress):
            reached = len(progress)
            await asyncio.sleep(0.1)
        assert reached < MANY // 60_000
        client.writer.transport.abort()
        async with asyncio.timeout(30):
            await ended.wait()


async def test_a_library_client_speaks_with_an_asgi_application() -> None:
    async with (
        served(asgi_echo) as (port, _),
        websockets.connect(f"ws://127.0.0.1:{port}/") as client,
    ):
        await client.send(["frag", "mented ", "text"])
        assert await client.recv() == "fragmented text"
        await client.send(b"binary")
        assert await client.recv() == b"binary"
