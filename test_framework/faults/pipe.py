"""One direction of one proxied connection."""

import asyncio

from test_framework.faults.conditions import Line

CHUNK_BYTES = 65536
QUEUED_CHUNKS = 256  # in flight together; then the sender feels the back-pressure
SLICE_SECONDS = 0.02  # bandwidth is given out in slices of so much time


class Pipe:
    """Carries bytes from ``source`` to ``sink`` under the conditions of ``line``.

    Only ``run`` raises; it returns once the end of the stream was passed on.
    """

    def __init__(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, line: Line
    ) -> None:
        self._source = source
        self._sink = sink
        self._line = line
        self._position = 0
        self._queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(QUEUED_CHUNKS)

    async def run(self) -> None:
        """Carry until the end of the stream or of the connection.

        Raises:
            OSError: one side reset the connection.
        """
        reading = asyncio.create_task(self._read())
        writing = asyncio.create_task(self._write())
        try:
            await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            reading.cancel()
            writing.cancel()
            await asyncio.wait({reading, writing})
        for task in (reading, writing):
            if not task.cancelled():
                task.result()

    async def half_close(self) -> None:
        """End the stream after what has been received so far; the rest is ignored."""
        await self._queue.put((0.0, b""))

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        while chunk := await self._source.read(CHUNK_BYTES):
            await self._queue.put((loop.time(), chunk))
        await self._queue.put((loop.time(), b""))

    async def _write(self) -> None:
        while True:
            received_at, chunk = await self._queue.get()
            await self._until_due(received_at)
            if not chunk:
                if self._sink.can_write_eof() and not self._sink.is_closing():
                    self._sink.write_eof()
                return
            if not self._line.conditions.is_dropping:
                await self._deliver(self._line.conditions.corrupted(chunk, self._position))
            self._position += len(chunk)

    async def _until_due(self, received_at: float) -> None:
        loop = asyncio.get_running_loop()
        conditions = None
        due = received_at
        while True:
            if conditions is not self._line.conditions:
                conditions = self._line.conditions
                due = received_at + conditions.lateness()
            left = None if conditions.is_held else due - loop.time()
            if left is not None and left <= 0:
                return
            await self._line.pass_time(left)

    async def _deliver(self, chunk: bytes) -> None:
        rest = memoryview(chunk)
        while rest:
            rate = self._line.conditions.bytes_per_second
            part = rest[: max(1, int(rate * SLICE_SECONDS))] if rate else rest
            self._sink.write(bytes(part))
            await self._sink.drain()
            rest = rest[len(part) :]
            if rate:
                await asyncio.sleep(len(part) / rate)
