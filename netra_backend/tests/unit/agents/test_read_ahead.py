"""A response is read while its consumer is busy, within a bound, and every end is seen."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from netra_backend.app.agents.read_ahead import ReadAhead
from test_framework.waiting import eventually

DEADLINE = 10.0


class Source:
    """The parts that were put into it; ``taken`` counts those that were read."""

    def __init__(self, *, fails: bool = False) -> None:
        self.parts: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.taken = 0
        self.fails = fails

    def put(self, *parts: bytes | None) -> None:
        for part in parts:
            self.parts.put_nowait(part)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (part := await self.parts.get()) is not None:
            self.taken += 1
            yield part
        if self.fails:
            raise OSError("the connection was reset")


async def test_what_arrives_while_the_consumer_is_busy_is_one_item() -> None:
    source = Source()
    items = aiter(ReadAhead(aiter(source)))
    source.put(b"a")
    assert await anext(items) == b"a"
    source.put(b"b", b"c", b"d")
    await eventually(lambda: source.taken == 4, within=DEADLINE, what="reading ahead")
    assert await anext(items) == b"bcd"
    source.put(None)
    assert [item async for item in items] == []


async def test_an_item_is_available_as_soon_as_it_arrives() -> None:
    source = Source()
    items = aiter(ReadAhead(aiter(source)))
    waiting = asyncio.ensure_future(anext(items))
    await asyncio.sleep(0)
    source.put(b"a")
    assert await asyncio.wait_for(waiting, DEADLINE) == b"a"
    await items.aclose()  # type: ignore[attr-defined]


async def test_an_error_follows_the_bytes_that_preceded_it() -> None:
    source = Source(fails=True)
    source.put(b"a", b"b", None)
    items = aiter(ReadAhead(aiter(source)))
    assert await anext(items) == b"ab"
    with pytest.raises(OSError, match="reset"):
        await anext(items)


async def test_reading_pauses_at_the_bound() -> None:
    source = Source()
    source.put(*[b"x" * 10] * 8, None)
    ahead = ReadAhead(aiter(source), max_bytes=20)
    items = aiter(ahead)
    found = await anext(items)
    await eventually(lambda: source.taken >= 3, within=DEADLINE, what="reading up to the bound")
    assert source.taken <= 4
    async for item in items:
        assert len(item) <= 20
        found += item
    assert found == b"x" * 80


async def test_a_consumer_that_leaves_ends_the_reading() -> None:
    before = asyncio.all_tasks()
    source = Source()
    ahead = ReadAhead(aiter(source))
    items = aiter(ahead)
    source.put(b"a")
    assert await anext(items) == b"a"
    await ahead.aclose()
    await ahead.aclose()
    assert asyncio.all_tasks() == before
