"""HTTP/1.1 heads on streams, and the framing of bodies (RFC 9112)."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import httptools

MAX_HEAD = 64 * 1024  # bytes; Google's front refuses larger ones too
_CHUNK = 64 * 1024
_MAX_CHUNK_LINE = 4096


class BadMessage(Exception):
    """What came is no HTTP/1.1."""


@dataclass
class Head:
    """A request's or a response's head, header names in lower case, in order."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    method: str = ""
    target: str = ""
    status: int = 0
    reason: str = ""

    def get(self, name: str) -> str:
        """Return the first value of a header, or nothing."""
        return next((value for key, value in self.headers if key == name), "")

    def without(self, *names: str) -> list[tuple[str, str]]:
        """Return the headers that have none of these names."""
        return [(key, value) for key, value in self.headers if key not in names]

    @property
    def upgrade(self) -> bool:
        """Whether it asks for, or accepts, another protocol."""
        connection = self.get("connection").lower()
        return bool(self.get("upgrade")) and "upgrade" in connection

    @property
    def chunked(self) -> bool:
        """Whether the body is sent in chunks."""
        return self.get("transfer-encoding").lower().endswith("chunked")

    @property
    def length(self) -> int | None:
        """The declared length of the body."""
        text = self.get("content-length")
        return int(text) if text.isdigit() else None


async def read_head(reader: asyncio.StreamReader, *, request: bool) -> Head | None:
    """Read a head; None when the peer closed before its first byte.

    Raises:
        BadMessage: no HTTP/1.1, or too large.
    """
    try:
        data = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if not error.partial:
            return None
        raise BadMessage("the peer closed within the head") from None
    except asyncio.LimitOverrunError:
        raise BadMessage("the head is too large") from None
    head = Head()
    if request:
        request_parser = httptools.HttpRequestParser(_Collector(head))
        _feed(request_parser, data)
        head.method = request_parser.get_method().decode("latin-1")
    else:
        response_parser = httptools.HttpResponseParser(_Collector(head))
        _feed(response_parser, data)
        head.status = response_parser.get_status_code()
    return head


def _feed(parser: httptools.HttpRequestParser | httptools.HttpResponseParser, data: bytes) -> None:
    with suppress(httptools.HttpParserUpgrade):  # the head is complete then
        try:
            parser.feed_data(data)
        except httptools.HttpParserError as error:
            raise BadMessage(str(error)) from None


class _Collector:
    """Receives httptools' callbacks."""

    def __init__(self, head: Head) -> None:
        self._head = head

    def on_url(self, url: bytes) -> None:
        self._head.target += url.decode("latin-1")

    def on_status(self, status: bytes) -> None:
        self._head.reason += status.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head.headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))


def request_bytes(head: Head, headers: list[tuple[str, str]]) -> bytes:
    """Return a request head on the wire."""
    return _wire(f"{head.method} {head.target} HTTP/1.1", headers)


def response_bytes(status: int, reason: str, headers: list[tuple[str, str]]) -> bytes:
    """Return a response head on the wire."""
    return _wire(f"HTTP/1.1 {status} {reason}", headers)


def _wire(start: str, headers: list[tuple[str, str]]) -> bytes:
    lines = [start, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")


async def copy_length(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, length: int
) -> None:
    """Copy exactly ``length`` bytes.

    Raises:
        BadMessage: the source ended before.
    """
    while length:
        data = await reader.read(min(_CHUNK, length))
        if not data:
            raise BadMessage("the peer closed within the body")
        writer.write(data)
        await writer.drain()
        length -= len(data)


async def copy_chunked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy a chunked body with its trailer section.

    Raises:
        BadMessage: the framing is broken.
    """
    while True:
        line = await _line(reader)
        writer.write(line)
        try:
            size = int(line.split(b";")[0], 16)
        except ValueError:
            raise BadMessage(f"chunk size {line[:20]!r}") from None
        if size == 0:
            break
        await copy_length(reader, writer, size + 2)
    while True:
        line = await _line(reader)
        writer.write(line)
        if line in {b"\r\n", b"\n"}:
            await writer.drain()
            return


async def copy_to_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until the source closes."""
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        line = await reader.readline()
    except ValueError:
        raise BadMessage("a chunk's line is too long") from None
    if not line.endswith(b"\n") or len(line) > _MAX_CHUNK_LINE:
        raise BadMessage("the peer closed within the body")
    return line
