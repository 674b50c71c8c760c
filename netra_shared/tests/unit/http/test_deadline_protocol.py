"""Bounds on the head of a request: in time and size, on new and on reused connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import uvicorn

from netra_shared.http.deadline_protocol import DeadlineHttpProtocol

REQUEST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nab"


class Short(DeadlineHttpProtocol):
    head_seconds = 0.4
    max_head_bytes = 2000


async def application(_scope: Any, _receive: Any, send: Any) -> None:
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hi"})


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    config = uvicorn.Config(
        application, port=0, http=Short, loop="asyncio", lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()
        await server.shutdown()


async def ended(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(10):
        return await reader.read()


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nhost: x\r\nx-a: "])
async def test_an_incomplete_head_is_refused_at_its_deadline(sent: bytes) -> None:
    async with connected() as (reader, writer):
        writer.write(sent)
        assert (await ended(reader)).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n" + b"x-a: b\r\n" * 300 + b"\r\n",
        b"GET / HTTP/1.1\r\n" + b"x-a: b\r\n" * 300,
        b"GET / HTTP/1.1\r\nx-a: " + b"b" * 2000 + b"\r\n\r\n",
        b"GET /" + b"a" * 2000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 2\r\nx-a: " + b"b" * 2000 + b"\r\n\r\nab",
        b"GET /" + b"a" * 3000,
    ],
)
async def test_a_large_head_in_one_read_is_refused(head: bytes) -> None:
    async with connected() as (reader, writer):
        writer.write(head)
        assert (await ended(reader)).startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")


async def test_a_large_head_in_small_parts_is_refused() -> None:
    async with connected() as (reader, writer):
        answer = b""
        with suppress(ConnectionError):  # a reset can overtake the answer
            writer.write(b"GET / HTTP/1.1\r\n")
            for _ in range(300):
                writer.write(b"x-a: b\r\n")
                await writer.drain()
            answer = await ended(reader)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")
        assert reader.at_eof() or reader.exception() is not None


async def test_a_head_within_the_bounds_is_served_and_each_further_one_has_a_deadline() -> None:
    async with connected() as (reader, writer):
        for _ in range(2):
            writer.write(REQUEST)
            async with asyncio.timeout(10):
                assert (await reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200 ")
        writer.write(REQUEST[:20])
        assert (await ended(reader)).startswith(b"HTTP/1.1 408 ")


async def test_an_unknown_method_is_not_implemented() -> None:
    async with connected() as (reader, writer):
        writer.write(b"BREW / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (await ended(reader)).startswith(b"HTTP/1.1 501 Not Implemented\r\n")


async def test_malformed_http_is_answered_with_400() -> None:
    async with connected() as (reader, writer):
        writer.write(b"\x00\x01 nonsense\r\n\r\n")
        assert (await ended(reader)).startswith(b"HTTP/1.1 400 ")
