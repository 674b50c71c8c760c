"""A TCP proxy on loopback that can fail in the ways networks and servers do."""

import asyncio
import socket
from contextlib import suppress

from netra_ops.services.loopback import LOOPBACK

CHUNK = 65536


class FaultProxy:
    """Passes bytes on to ``port`` on loopback until it is told otherwise.

    Modes:
        forward: as if it were not there.
        refuse: connections are reset, new ones refused.
        slow: every answer of the server comes late.
        silent: connections are accepted and nothing ever comes back.
        black hole: nothing comes back, and new connections are not even accepted, because the
            listening socket's backlog is full: the client's SYN stays unanswered.
    """

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._hole: list[socket.socket] = []
        self._open = asyncio.Event()
        self._open.set()
        self._delay_seconds = 0.0
        self.port = 0

    async def start(self) -> None:
        """Listen; the port stays the same through every mode."""
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything."""
        self._leave_hole()
        await self._close_listener()
        self.reset_connections()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def forward(self) -> None:
        """Work again; what was held back is delivered."""
        self._leave_hole()
        self._delay_seconds = 0.0
        self._open.set()
        if self._server is None:
            await self.start()

    async def refuse(self) -> None:
        """Reset connections and refuse new ones."""
        await self._close_listener()
        self.reset_connections()

    async def silent(self) -> None:
        """Accept and never answer."""
        self._open.clear()

    async def black_hole(self) -> None:
        """Answer nothing, accept nothing."""
        self._open.clear()
        await self._close_listener()
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, self.port))
        listener.listen(0)
        self._hole = [listener]
        loop = asyncio.get_running_loop()
        while True:  # until a connection does not complete: the queue is full
            filler = socket.socket()
            filler.setblocking(False)
            self._hole.append(filler)
            try:
                async with asyncio.timeout(0.2):
                    await loop.sock_connect(filler, (LOOPBACK, self.port))
            except TimeoutError:
                return

    async def slow(self, seconds: float) -> None:
        """Hold every answer back for ``seconds``."""
        self._delay_seconds = seconds

    def reset_connections(self) -> None:
        """Cut every connection; new ones are served as the mode says."""
        for writer in list(self._writers):
            writer.transport.abort()

    def _leave_hole(self) -> None:
        for one in self._hole:
            one.close()
        self._hole = []

    async def _close_listener(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back, forth = await asyncio.open_connection(LOOPBACK, self._upstream)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, forth}
        for source, sink, delayed in ((reader, forth, False), (back, writer, True)):
            task = asyncio.create_task(self._pipe(source, sink, delayed=delayed))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pipe(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, delayed: bool
    ) -> None:
        try:
            with suppress(OSError):
                while chunk := await source.read(CHUNK):
                    if delayed and self._delay_seconds:
                        await asyncio.sleep(self._delay_seconds)
                    await self._open.wait()
                    sink.write(chunk)
                    await sink.drain()
        finally:
            self._writers.discard(sink)
            sink.transport.abort()
