"""The candidate door: a loopback address that leads to one exact revision of each service.

The public address cannot choose a revision, and a client library can set neither the Host header
nor the operator's credential. This forwarder adds both, so every check runs against the candidate
with the same code as against the public address.
"""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from netra_ops.deploy.verify.request_head import RequestHead
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed

LOOPBACK = "127.0.0.1"
HEAD_SECONDS = 10.0
CONNECT_SECONDS = 10.0
CHUNK_BYTES = 64 * 1024
MAX_HEAD_BYTES = 64 * 1024  # as much as Google's load balancer takes
_BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_log = get_logger(__name__)
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Route:
    """Where requests below a path go.

    Attributes:
        prefix: of the path; the longest match wins.
        url: scheme, host and port to connect to.
        host: value of the Host header; that of ``url`` when empty.
    """

    prefix: str
    url: str
    host: str = ""

    @property
    def host_header(self) -> str:
        """What is sent as Host."""
        return self.host or urlsplit(self.url).netloc


def route_of(routes: Sequence[Route], target: str) -> Route | None:
    """Return the route with the longest prefix of the request's path."""
    path = target.split("?", 1)[0]
    matching = [r for r in routes if path.startswith(r.prefix)]
    return max(matching, key=lambda route: len(route.prefix), default=None)


@dataclass
class Door:
    """Listens on a free loopback port while entered.

    Attributes:
        routes: where requests go.
        headers: added to each request, such as the operator's credential.
    """

    routes: Sequence[Route]
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    _server: asyncio.Server | None = field(default=None, init=False)
    _open: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    @property
    def url(self) -> str:
        """The address to check.

        Raises:
            RuntimeError: outside the context.
        """
        if self._server is None:
            raise RuntimeError("the door is closed")
        return f"http://{LOOPBACK}:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, LOOPBACK, 0, limit=MAX_HEAD_BYTES)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        self._server = None

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        try:
            await self._forward(reader, writer)
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
            writer.write(_BAD_GATEWAY)  # the check that made the request reports it
        except asyncio.CancelledError:
            return  # the door closes; asyncio's server would report it as an error of a callback
        finally:
            writer.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(HEAD_SECONDS):
            head = RequestHead.parse(await reader.readuntil(b"\r\n\r\n"))
        route = route_of(self.routes, head.target)
        if route is None:
            raise ValueError(f"no route for {head.target}")
        there_reader, there = await _connect(route.url)
        try:
            there.write(head.through(route.host_header, self.headers))
            async with asyncio.TaskGroup() as group:
                group.create_task(_copy(reader, there))
                group.create_task(_copy(there_reader, writer))
        finally:
            there.close()


async def _connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    host = parts.hostname or LOOPBACK
    if host.endswith(".localhost"):  # RFC 6761 section 6.3; not every resolver knows it
        host = LOOPBACK
    context = ssl.create_default_context() if parts.scheme == "https" else None
    async with asyncio.timeout(CONNECT_SECONDS):
        return await asyncio.open_connection(host, parts.port or _PORTS[parts.scheme], ssl=context)


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Copy until the source ends or either side is reset, then end the sink's side."""
    with swallowed(_log, "candidate_door_reset", OSError):
        while chunk := await source.read(CHUNK_BYTES):
            sink.write(chunk)
            await sink.drain()
    if sink.is_closing():
        return
    if sink.can_write_eof():
        sink.write_eof()
    else:  # TLS has no half-close
        sink.close()
