"""Asks paths of one server in turn, over one connection, and times each answer."""

import asyncio
import random
import time
from types import TracebackType
from typing import Self

from netra_ops.services.loopback import LOOPBACK


class Asker:
    """One keep-alive connection to ``port``.

    Args:
        port: on loopback.
        answer_seconds: after this long an answer is none.
    """

    def __init__(self, port: int, *, answer_seconds: float) -> None:
        self._port = port
        self._answer_seconds = answer_seconds
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        """Connect at the first question."""
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self._drop()

    async def seconds(self, path: str) -> float:
        """Return how long GET ``path`` took; ``answer_seconds`` when there was no answer."""
        if self._streams is None or self._streams[0].at_eof():  # an idle server hung up
            self._streams = await asyncio.open_connection(LOOPBACK, self._port)
        reader, writer = self._streams
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._answer_seconds):
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\n\r\n".encode())
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
                await reader.readexactly(int(length))
        except TimeoutError:
            self._drop()
            return self._answer_seconds
        return time.perf_counter() - started

    async def in_turn(self, paths: tuple[str, ...], times: int) -> dict[str, list[float]]:
        """Ask each path so many times, in an order that changes with every turn.

        What disturbs the machine then disturbs every path alike.
        """
        taken: dict[str, list[float]] = {path: [] for path in paths}
        for _ in range(times):
            for path in random.sample(paths, len(paths)):
                taken[path].append(await self.seconds(path))
        return taken

    def _drop(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
