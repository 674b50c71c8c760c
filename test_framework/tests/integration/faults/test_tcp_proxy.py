"""The proxy between a real client and a real server that echoes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from test_framework.faults.tcp_proxy import FaultProxy, Towards
from test_framework.waiting import eventually

SOON = 20.0
TOO_SOON = 0.1


class Echo:
    """Sends back what it gets, and remembers it and how each connection ended."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.ends: asyncio.Queue[str] = asyncio.Queue()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                self.received += data
                writer.write(data)
                await writer.drain()
            await self.ends.put("end of stream")
        except ConnectionResetError:
            await self.ends.put("reset")
        finally:
            writer.close()


class Client:
    """One connection through the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def receives(self, data: bytes) -> bool:
        async with asyncio.timeout(SOON):
            return await self.reader.readexactly(len(data)) == data

    async def gets_nothing(self) -> bool:
        """Check that nothing comes for a moment; what comes later is not lost."""
        try:
            async with asyncio.timeout(TOO_SOON):
                await self.reader.read(1)
        except TimeoutError:
            return True
        return False

    async def receives_the_end(self) -> bool:
        async with asyncio.timeout(SOON):
            return await self.reader.read() == b""

    async def gets_through(self, data: bytes) -> bool:
        self.writer.write(data)
        return await self.receives(data)


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
async def proxy(echo: Echo) -> AsyncIterator[FaultProxy]:
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    async with FaultProxy(server.sockets[0].getsockname()[1]) as between:
        yield between
    server.close()


@asynccontextmanager
async def connected(proxy: FaultProxy) -> AsyncIterator[Client]:
    async with asyncio.timeout(SOON):
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    yield Client(reader, writer)
    writer.close()


async def test_without_a_fault_it_is_not_there(proxy: FaultProxy, echo: Echo) -> None:
    data = bytes(range(256)) * 4000
    async with connected(proxy) as client:
        assert await client.gets_through(data)
        client.writer.write_eof()
        assert await echo.ends.get() == "end of stream"
        assert await client.reader.read() == b""
    assert echo.received == data


async def test_latency_delays_and_keeps_the_throughput(proxy: FaultProxy) -> None:
    async with connected(proxy) as client:
        await proxy.latency(0.3, towards=Towards.CLIENT)
        for number in range(50):  # one after the other they would take 15 s
            client.writer.write(b"%04d" % number)
            await client.writer.drain()
        assert await client.gets_nothing()
        assert await client.receives(b"".join(b"%04d" % number for number in range(50)))


async def test_jitter_keeps_the_order(proxy: FaultProxy) -> None:
    async with connected(proxy) as client:
        await proxy.latency(0.0, jitter_seconds=0.05)
        sent = b""
        for number in range(20):
            sent += b"%04d" % number
            client.writer.write(b"%04d" % number)
            await asyncio.sleep(0.002)
        assert await client.receives(sent)


async def test_what_is_late_comes_immediately_when_the_fault_ends(proxy: FaultProxy) -> None:
    async with connected(proxy) as client:
        await proxy.slow(3600)
        client.writer.write(b"late")
        assert await client.gets_nothing()
        await proxy.forward()
        assert await client.receives(b"late")


async def test_bandwidth_lets_a_part_through_at_a_time(proxy: FaultProxy) -> None:
    data = bytes(100_000)
    async with connected(proxy) as client:
        await proxy.bandwidth(200_000, towards=Towards.CLIENT)
        client.writer.write(data)
        first = await client.reader.read(65536)
        assert 0 < len(first) <= 4000  # one slice
        assert await client.receives(data[len(first) :])


async def test_dropped_bytes_never_come_and_later_ones_do(proxy: FaultProxy, echo: Echo) -> None:
    async with connected(proxy) as client:
        await proxy.drop(towards=Towards.SERVER)
        client.writer.write(b"lost")
        assert await client.gets_nothing()
        await proxy.forward()
        assert await client.gets_through(b"found")
    assert echo.received == b"found"


async def test_corruption_inverts_single_bytes(proxy: FaultProxy) -> None:
    async with connected(proxy) as client:
        await proxy.corrupt(4, towards=Towards.SERVER)
        client.writer.write(b"\x00" * 10)
        assert await client.receives(b"\0\0\0\xff\0\0\0\xff\0\0")


async def test_silent_accepts_and_delivers_when_it_ends(proxy: FaultProxy, echo: Echo) -> None:
    await proxy.silent()
    async with connected(proxy) as client:
        client.writer.write(b"held")
        assert await client.gets_nothing()
        assert echo.received == b""
        await proxy.forward()
        assert await client.receives(b"held")


async def test_a_black_hole_does_not_even_accept(proxy: FaultProxy) -> None:
    async with connected(proxy) as client:
        await proxy.black_hole()
        client.writer.write(b"held")
        assert await client.gets_nothing()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(TOO_SOON):
                await asyncio.open_connection("127.0.0.1", proxy.port)
        await proxy.forward()
        assert await client.receives(b"held")
    async with connected(proxy) as another:
        assert await another.gets_through(b"new")


async def test_refuse_resets_both_sides_and_refuses(proxy: FaultProxy, echo: Echo) -> None:
    async with connected(proxy) as client:
        assert await client.gets_through(b"before")
        await proxy.refuse()
        with pytest.raises(ConnectionResetError):
            await client.reader.read(1)
        assert await echo.ends.get() == "reset"
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", proxy.port)
    port = proxy.port
    await proxy.forward()
    assert proxy.port == port
    async with connected(proxy) as another:
        assert await another.gets_through(b"after")


async def test_a_reset_of_the_client_reaches_the_server(proxy: FaultProxy, echo: Echo) -> None:
    async with connected(proxy) as client:
        assert await client.gets_through(b"x")
        assert proxy.connections == 1
        proxy.reset_connections()
        assert await echo.ends.get() == "reset"
    async with connected(proxy) as another:
        assert await another.gets_through(b"y")


async def test_half_close_ends_one_direction(proxy: FaultProxy, echo: Echo) -> None:
    async with connected(proxy) as client:
        assert await client.gets_through(b"both ways")
        await proxy.half_close(towards=Towards.CLIENT)
        assert await client.receives_the_end()
        client.writer.write(b", one way")
        await eventually(lambda: echo.received.endswith(b", one way"))


async def test_without_a_server_the_client_is_reset() -> None:
    async with FaultProxy(1) as proxy, connected(proxy) as client:
        with pytest.raises(ConnectionResetError):
            await client.reader.read(1)


async def test_stop_ends_every_connection_and_task(proxy: FaultProxy) -> None:
    before = asyncio.all_tasks()
    async with connected(proxy) as client:
        assert await client.gets_through(b"x")
        await proxy.stop()
        assert await client.receives_the_end()
        await eventually(lambda: asyncio.all_tasks() <= before)
    assert proxy.connections == 0
