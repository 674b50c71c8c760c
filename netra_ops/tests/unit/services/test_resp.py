import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.services.resp import ServerRefused, encode, read_reply

pytestmark = pytest.mark.unit


async def reply_to(data: bytes) -> str:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return await read_reply(reader)


def test_encodes_lengths_in_bytes() -> None:
    assert encode(["AUTH", "pä"]) == b"*2\r\n$4\r\nAUTH\r\n$3\r\np\xc3\xa4\r\n"


@pytest.mark.parametrize(
    ("data", "reply"),
    [(b"+PONG\r\n", "PONG"), (b":7\r\n", "7"), (b"$5\r\na\r\nbc\r\n", "a\r\nbc")],
)
async def test_reads_simple_integer_and_bulk(data: bytes, reply: str) -> None:
    assert await reply_to(data) == reply


async def test_an_error_reply_is_raised() -> None:
    with pytest.raises(ServerRefused, match="WRONGPASS"):
        await reply_to(b"-WRONGPASS no\r\n")


async def test_a_truncated_reply_is_reported() -> None:
    with pytest.raises(asyncio.IncompleteReadError):
        await reply_to(b"$10\r\nabc")


@given(text=st.text(alphabet=st.characters(codec="utf-8"), max_size=50))
def test_a_bulk_string_survives(text: str) -> None:
    frame = encode([text]).partition(b"\r\n")[2]
    assert asyncio.run(reply_to(frame)) == text
