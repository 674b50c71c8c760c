"""Heads and bodies on streams."""

import asyncio

import pytest

from netra_cloud.run.front.http_head import BadMessage, copy_chunked, copy_length, read_head


def stream(data: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=4096)
    reader.feed_data(data)
    reader.feed_eof()
    return reader


async def test_a_request_and_a_response() -> None:
    request = await read_head(
        stream(
            b"GET /a?b HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
        ),
        request=True,
    )
    assert request is not None
    assert (request.method, request.target, request.get("host")) == ("GET", "/a?b", "x")
    assert request.upgrade
    answer = await read_head(
        stream(b"HTTP/1.1 200 Fine\r\nContent-Length: 3\r\n\r\n"), request=False
    )
    assert answer is not None
    assert (answer.status, answer.reason, answer.length) == (200, "Fine", 3)
    assert not answer.chunked


async def test_a_closed_connection_is_no_request() -> None:
    assert await read_head(stream(b""), request=True) is None


@pytest.mark.parametrize(
    "data", [b"GET /", b"\x16\x03\x01\r\n\r\n", b"GET / HTTP/1.1\r\nA: " + b"x" * 5000]
)
async def test_what_is_no_http(data: bytes) -> None:
    with pytest.raises(BadMessage):
        await read_head(stream(data), request=True)


class Sink:
    """Collects what is written."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    async def drain(self) -> None:
        """There is nothing to wait for."""


async def test_bodies_are_copied_exactly() -> None:
    sink = Sink()
    source = stream(b"3;x=y\r\nabc\r\n0\r\nTrailer: t\r\n\r\nREST")
    await copy_chunked(source, sink)  # type: ignore[arg-type]
    assert sink.data == b"3;x=y\r\nabc\r\n0\r\nTrailer: t\r\n\r\n"
    assert await source.read() == b"REST"
    with pytest.raises(BadMessage):
        await copy_length(stream(b"ab"), sink, 3)  # type: ignore[arg-type]
    with pytest.raises(BadMessage):
        await copy_chunked(stream(b"zz\r\n"), sink)  # type: ignore[arg-type]
