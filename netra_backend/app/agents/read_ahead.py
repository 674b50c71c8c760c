"""Reads a response while its consumer is busy, so that the consumer gets what has arrived."""

import asyncio
from collections.abc import AsyncIterator

MAX_BYTES = 262_144  # of one response; about 1,000 chunks of a token each


class ReadAhead:
    """The bytes of ``source``; each item is everything that has arrived since the one before.

    Args:
        source: the parts of a response body, as they arrive.
        max_bytes: when so much is waiting, reading pauses until the consumer takes it.
    """

    def __init__(self, source: AsyncIterator[bytes], *, max_bytes: int = MAX_BYTES) -> None:
        self._source = source
        self._max_bytes = max_bytes
        self._buffer = bytearray()
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._reader: asyncio.Task[None] | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the bytes; raise the error of ``source`` after all bytes that preceded it."""
        reader = self._reader = asyncio.create_task(self._read(), name="model-response")
        try:
            while self._buffer or not reader.done():
                if self._buffer:
                    data = bytes(self._buffer)
                    self._buffer.clear()
                    self._room.set()
                    yield data
                else:
                    await self._changed.wait()
                    self._changed.clear()
            reader.result()
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """End the reading; ``source`` is not closed."""
        reader = self._reader
        if reader is None:
            return
        if not reader.done():
            reader.cancel()
            await asyncio.wait([reader])
        if not reader.cancelled():
            reader.exception()  # a consumer that has left does not need it

    async def _read(self) -> None:
        try:
            async for data in self._source:
                self._buffer += data
                self._changed.set()
                if len(self._buffer) >= self._max_bytes:
                    self._room.clear()
                    await self._room.wait()
        finally:
            self._changed.set()
