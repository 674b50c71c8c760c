"""What is wrong with one direction of a connection, changeable while bytes flow."""

import asyncio
import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Conditions:
    """All of them together; the defaults are a line without a fault.

    Args:
        latency_seconds: how late bytes arrive. Throughput stays: later bytes do not wait longer.
        jitter_seconds: up to so much is added, differently for each chunk; order is kept.
        bytes_per_second: bandwidth; 0 is unlimited.
        corrupt_every: the byte at every so many positions of the stream is inverted; 0 is never.
        is_dropping: bytes vanish without a trace, as no healthy TCP lets them.
        is_held: bytes are kept back until this ends.
    """

    latency_seconds: float = 0.0
    jitter_seconds: float = 0.0
    bytes_per_second: int = 0
    corrupt_every: int = 0
    is_dropping: bool = False
    is_held: bool = False

    def lateness(self) -> float:
        """Return how late one chunk arrives, in seconds."""
        return self.latency_seconds + random.uniform(0, self.jitter_seconds)  # noqa: S311  # no secret

    def corrupted(self, chunk: bytes, position: int) -> bytes:
        """Return the chunk, at ``position`` of its stream, with its share of inverted bytes."""
        if not self.corrupt_every:
            return chunk
        changed = bytearray(chunk)
        first = -(position + 1) % self.corrupt_every  # the next multiple, counting bytes from 1
        for index in range(first, len(changed), self.corrupt_every):
            changed[index] ^= 0xFF
        return bytes(changed)


class Line:
    """The conditions of one direction, and a way to wait until they change."""

    def __init__(self) -> None:
        self.conditions = Conditions()
        self._changed = asyncio.Event()

    def change(self, conditions: Conditions) -> None:
        """Set the conditions; bytes that are on their way feel it too."""
        self.conditions = conditions
        self._changed.set()
        self._changed = asyncio.Event()

    async def pass_time(self, seconds: float | None) -> None:
        """Return after ``seconds``, or when the conditions change; None waits for a change."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return
