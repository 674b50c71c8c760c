import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.services.http_probe import Answer, get, parse

pytestmark = pytest.mark.unit


def test_reads_a_body_that_ends_with_the_connection() -> None:
    raw = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nhello"
    assert parse(raw) == Answer(200, b"hello")


def test_joins_chunks() -> None:
    head = b"HTTP/1.1 503 Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert parse(head + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n") == Answer(503, b"abcde")


@given(chunks=st.lists(st.binary(min_size=1, max_size=40), max_size=10))
def test_any_chunking_is_joined(chunks: list[bytes]) -> None:
    coded = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    raw = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + coded
    assert parse(raw) == Answer(200, b"".join(chunks))


@given(raw=st.binary(max_size=200))
def test_rubbish_is_no_answer_and_no_error(raw: bytes) -> None:
    answer = parse(raw)
    assert answer is None or raw.startswith(b"HTTP/1.")


@pytest.mark.parametrize(
    "raw", [b"", b"HTTP/1.1 200 OK\r\n", b"+OK\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"]
)
def test_what_is_not_http_is_no_answer(raw: bytes) -> None:
    assert parse(raw) is None


@pytest.fixture
async def silent_port() -> AsyncIterator[int]:
    """Accept connections and never answer."""
    opened: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: opened.append(writer), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    for writer in opened:
        writer.close()
    server.close()
    await server.wait_closed()


async def test_a_silent_server_costs_the_deadline_and_no_more(silent_port: int) -> None:
    async with asyncio.timeout(5):
        assert await get("127.0.0.1", silent_port, "/", timeout_seconds=0.1) is None
