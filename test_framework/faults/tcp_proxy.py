"""A TCP proxy on loopback that can fail in the ways networks and servers do."""

import asyncio
import socket
import struct
from dataclasses import replace
from enum import Flag, auto
from types import TracebackType
from typing import Self

from netra_ops.services.loopback import LOOPBACK
from test_framework.faults.conditions import Conditions, Line
from test_framework.faults.pipe import Pipe

FILL_SECONDS = 0.2  # on loopback a connection completes in microseconds or not at all


class Towards(Flag):
    """A direction of the bytes."""

    SERVER = auto()
    CLIENT = auto()
    BOTH = SERVER | CLIENT


class FaultProxy:
    """Passes bytes on to ``port`` on loopback until it gets another order.

    Faults add up, apply to connections that exist and to new ones, and end with ``forward``.

    ===================== ======================================================================
    ``latency``           bytes arrive late
    ``slow``              every answer of the server comes late
    ``bandwidth``         so many bytes a second
    ``drop``              bytes vanish
    ``corrupt``           single bytes are inverted
    ``silent``            connections are accepted, nothing is passed on
    ``black_hole``        nothing is passed on, and new connections are not even accepted: the
                          listening socket's backlog is full, the client's SYN stays unanswered
    ``refuse``            connections are reset, new ones refused
    ``reset_connections`` the present ones are reset (RST), once
    ``half_close``        one side sees the end of the stream (FIN), once
    ===================== ======================================================================
    """

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._hole: list[socket.socket] = []
        self._reserved: socket.socket | None = None
        self._lines = {Towards.SERVER: Line(), Towards.CLIENT: Line()}
        self.port = 0

    async def __aenter__(self) -> Self:
        """Listen."""
        await self.start()
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Close everything."""
        await self.stop()

    async def start(self) -> None:
        """Listen; the port stays the same through every fault."""
        reserved, self._reserved = self._reserved or self._bound(), None
        self._server = await asyncio.start_server(self._serve, sock=reserved)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything and wait for its end."""
        self._leave_hole()
        self._close_listener()
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None
        tasks = {connection.task for connection in self._connections}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    @property
    def connections(self) -> int:
        """How many connections pass through now."""
        return len(self._connections)

    async def forward(self) -> None:
        """Work again; what was held back is delivered."""
        self._leave_hole()
        for line in self._lines.values():
            line.change(Conditions())
        if self._server is None:
            await self.start()

    async def latency(
        self, seconds: float, *, jitter_seconds: float = 0.0, towards: Towards = Towards.BOTH
    ) -> None:
        """Let bytes arrive late."""
        self._change(towards, latency_seconds=seconds, jitter_seconds=jitter_seconds)

    async def slow(self, seconds: float) -> None:
        """Hold every answer of the server back for ``seconds``."""
        await self.latency(seconds, towards=Towards.CLIENT)

    async def bandwidth(self, bytes_per_second: int, *, towards: Towards = Towards.BOTH) -> None:
        """Let at most so many bytes a second through, per connection."""
        self._change(towards, bytes_per_second=bytes_per_second)

    async def drop(self, *, towards: Towards = Towards.BOTH) -> None:
        """Let bytes vanish, as a middlebox that acknowledges and forgets."""
        self._change(towards, is_dropping=True)

    async def corrupt(self, every: int = 1000, *, towards: Towards = Towards.BOTH) -> None:
        """Invert the byte at every ``every``-th position of each stream."""
        self._change(towards, corrupt_every=every)

    async def silent(self, *, towards: Towards = Towards.BOTH) -> None:
        """Accept and pass nothing on."""
        self._change(towards, is_held=True)

    async def black_hole(self) -> None:
        """Pass nothing on, accept nothing."""
        await self.silent()
        self._close_listener()
        listener, self._reserved = self._reserved or self._bound(), None
        listener.listen(0)
        self._hole = [listener]
        loop = asyncio.get_running_loop()
        while True:  # until a connection does not complete: the queue is full
            filler = socket.socket()
            filler.setblocking(False)
            self._hole.append(filler)
            try:
                async with asyncio.timeout(FILL_SECONDS):
                    await loop.sock_connect(filler, (LOOPBACK, self.port))
            except TimeoutError:
                if not _is_connected(filler):  # else it is this process that was late
                    return

    async def refuse(self) -> None:
        """Reset connections and refuse new ones."""
        self._leave_hole()
        self._close_listener()
        if self._reserved is None:
            # Bound and not listening: connections are refused, and no one gets the port meanwhile
            # as the local end of a connection of theirs.
            self._reserved = self._bound()
        self.reset_connections()

    def reset_connections(self) -> None:
        """Reset every connection on both sides; new ones are served as the faults say."""
        for connection in list(self._connections):
            connection.reset()

    async def half_close(self, *, towards: Towards = Towards.CLIENT) -> None:
        """End one direction of every connection; the other continues."""
        for connection in list(self._connections):
            for direction in towards:
                await connection.pipes[direction].half_close()

    def _change(self, towards: Towards, **changes: float) -> None:
        for direction in towards:
            line = self._lines[direction]
            line.change(replace(line.conditions, **changes))  # type: ignore[arg-type]  # our own calls

    def _bound(self) -> socket.socket:
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((LOOPBACK, self.port))
        return bound

    def _leave_hole(self) -> None:
        for one in self._hole:
            one.close()
        self._hole = []

    def _close_listener(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back, forth = await asyncio.open_connection(LOOPBACK, self._upstream)
        except OSError:
            _reset(writer)
            return
        pipes = {
            Towards.SERVER: Pipe(reader, forth, self._lines[Towards.SERVER]),
            Towards.CLIENT: Pipe(back, writer, self._lines[Towards.CLIENT]),
        }
        connection = _Connection(pipes, (writer, forth))
        self._connections.add(connection)
        try:
            await connection.run()
        except asyncio.CancelledError:
            # stop() did it and waits. Passed on, it would be reported by the streams' own callback,
            # which in Python 3.11 asks a cancelled task for its exception.
            return
        finally:
            self._connections.discard(connection)


class _Connection:
    """Both directions of a connection; lives in the task that serves it."""

    def __init__(
        self, pipes: dict[Towards, Pipe], writers: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        self.pipes = pipes
        self._writers = writers

    async def run(self) -> None:
        """Carry until both directions have ended; a reset of one side resets the other."""
        try:
            async with asyncio.TaskGroup() as group:
                for pipe in self.pipes.values():
                    group.create_task(pipe.run())
        except* OSError:
            self.reset()
        finally:
            for writer in self._writers:
                writer.transport.abort()

    def reset(self) -> None:
        """Reset both sides."""
        for writer in self._writers:
            _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST: SO_LINGER with a time of 0 (socket(7))."""
    if not writer.transport.is_closing():
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


def _is_connected(client: socket.socket) -> bool:
    try:
        client.getpeername()
    except OSError:
        return False
    return True
