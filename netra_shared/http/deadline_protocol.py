"""uvicorn's HTTP protocol with bounds on the time and size of a request's head.

uvicorn has no deadline for headers: a client that sends one byte a minute occupies a connection as
long as it wants (CWE-400, "slowloris").
"""

import asyncio
import re
from http import HTTPStatus
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_LINE_OVERHEAD = 4  # ": " and CRLF of a header; "GET " and the like of a request line
_REQUEST_LINE = re.compile(rb"([A-Z]{1,32}) \S+ HTTP/1\.[01]\r\n")
_METHODS = frozenset(b"GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT".split())


class DeadlineHttpProtocol(HttpToolsProtocol):
    """For ``uvicorn.Config(http=...)``; a subclass sets other bounds.

    A head that exceeds the size is refused with 431, also when it arrives in one read. A head
    that is incomplete at its deadline is refused with 408.
    """

    head_seconds: ClassVar[float] = 10.0
    """From the connection, or the first byte of a further request, to the end of its head."""

    max_head_bytes: ClassVar[int] = 65_536
    """Request line and headers; the largest token takes 4 KiB of them."""

    _deadline: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _unparsed_bytes = 0
    _received = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the deadline of the first head."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Parse ``data``, and refuse a head that never ends a line."""
        if self.transport.is_closing():
            return
        self._received = data
        super().data_received(data)
        self._received = b""
        if self._deadline is not None:
            self._unparsed_bytes += len(data)
            if max(self._unparsed_bytes, self._head_bytes) > self.max_head_bytes:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Start the deadline of a further head."""
        super().on_message_begin()
        if self._deadline is None:
            self._await_head()

    def on_url(self, url: bytes) -> None:
        """Count the request line."""
        self._head_bytes += len(url) + _LINE_OVERHEAD
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header."""
        self._head_bytes += len(name) + len(value) + _LINE_OVERHEAD
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Stop the deadline; refuse a head that is too large."""
        self._disarm()
        if self._head_bytes > self.max_head_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Ignore the body of a refused request."""
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Ignore the end of a refused request."""
        if not self.transport.is_closing():
            super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Release the timer."""
        self._disarm()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer a malformed request, or 501 for a method that the parser does not know.

        RFC 9110 section 9.1: an unrecognised method should be answered with 501.
        """
        self._disarm()
        line = _REQUEST_LINE.match(self._received)
        if line is not None and line[1] not in _METHODS:
            self._refuse(HTTPStatus.NOT_IMPLEMENTED)
        elif not self.transport.is_closing():
            super().send_400_response(msg)

    def _await_head(self) -> None:
        self._head_bytes = self._unparsed_bytes = 0
        self._deadline = self.loop.call_later(
            self.head_seconds, self._refuse, HTTPStatus.REQUEST_TIMEOUT
        )

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: HTTPStatus) -> None:
        self._disarm()
        if not self.transport.is_closing():
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            self.transport.write(
                f"{head}connection: close\r\ncontent-length: 0\r\n\r\n".encode("ascii")
            )
            self.transport.close()
