"""An HTTP protocol class with a deadline and a size limit for the head of a request.

uvicorn has no deadline for headers: a client that sends one byte a minute holds a connection
indefinitely (CWE-400, "slowloris"), before a WebSocket exists that could time out.
"""

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from netra_backend.app.transport.upgrade import refusal_response


class DeadlineHttpProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol with limits for the head of a request.

    For ``uvicorn --http module:DeadlineHttpProtocol``. A subclass sets other limits.
    """

    head_seconds: ClassVar[float] = 10.0
    """Deadline from the connection, or the first byte of a later request, to the head's end."""

    max_head_bytes: ClassVar[int] = 65_536
    """Largest size of request line and headers; the largest token takes 4 KiB."""

    _deadline: asyncio.TimerHandle | None = None
    _head_bytes = 0  # of the parsed part of the head
    _pending_bytes = 0  # received for an incomplete head

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the deadline of the first head."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Parse; refuse an incomplete head that has grown too large."""
        super().data_received(data)
        if self._deadline is not None:
            self._pending_bytes += len(data)
            if self._pending_bytes > self.max_head_bytes:
                self._refuse(431)

    def on_url(self, url: bytes) -> None:
        """Count the request line."""
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header: a head that arrives in one read has the same limit."""
        super().on_header(name, value)
        self._count(len(name) + len(value) + 4)  # colon, space and line end

    def on_message_begin(self) -> None:
        """Start the deadline of a further head."""
        super().on_message_begin()
        self._head_bytes = 0
        if self._deadline is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        """Cancel the deadline: the head is complete."""
        self._disarm()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the deadline."""
        self._disarm()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer a request that could not be parsed, or whose head is too large."""
        if self._head_bytes > self.max_head_bytes:
            self._refuse(431)
            return
        self._disarm()
        super().send_400_response(msg)

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > self.max_head_bytes:
            raise ValueError("the head of the request is too large")  # ends the parsing

    def _await_head(self) -> None:
        self._pending_bytes = 0
        self._deadline = self.loop.call_later(self.head_seconds, self._refuse, 408)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: int) -> None:
        self._disarm()
        if not self.transport.is_closing():
            headers: list[tuple[Any, Any]] = list(self.server_state.default_headers)
            self.transport.write(refusal_response(status, headers, b""))
            self.transport.close()
