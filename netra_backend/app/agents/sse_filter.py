"""Normalizes the event stream of servers with OpenAI's chat completions API.

The OpenAI SDK (3.54) dispatches an event without data after an ``id:``, ``event:`` or ``retry:``
line and fails to decode it; the HTML standard does not dispatch such an event (section 9.2.6). It
also accepts a stream that ends without ``[DONE]``. Some servers report the cumulative usage in
every chunk, which pydantic-ai adds up; only the last report counts.

Text chunks that arrive together become one (``chunk_merge``).
"""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2

from netra_backend.app.agents.chunk_merge import TextChunks
from netra_backend.app.agents.model_waits import NoticingTransport
from netra_backend.app.agents.read_ahead import ReadAhead

_DONE = "[DONE]"
_IDENTITY = ("id", "object", "created", "model")
_QUOTED = 200  # characters of a malformed chunk, in the log
_MAX_LINE_BYTES = 16_777_216  # one chunk with a large tool argument; beyond it the line is refused


class StreamEndedEarly(httpx2.RemoteProtocolError):
    """The response ended without a finish reason and without ``[DONE]``."""


class MalformedChunk(httpx2.DecodingError):
    """A chunk does not have the members of the chat completions API."""


class EventFilter:
    """Filters the lines of one response. Pure: bytes in, bytes out."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._usage: Any = None
        self._last: dict[str, Any] = {}
        self._complete = False
        self._texts = TextChunks()

    def feed(self, data: bytes) -> bytes:
        """Return the filtered lines that ``data`` completes.

        Raises:
            httpx2.DecodingError: a line exceeds the bound.
            MalformedChunk: a chunk that the SDK and the framework cannot take.
        """
        self._buffer += data
        lines, newline, rest = bytes(self._buffer).rpartition(b"\n")
        self._buffer[:] = rest
        if len(self._buffer) > _MAX_LINE_BYTES:
            raise httpx2.DecodingError("A line of the model's event stream is too long.")
        return self._filtered(lines + newline)

    def finish(self) -> bytes:
        """Return the rest at the end of the response.

        Raises:
            StreamEndedEarly: no finish reason and no ``[DONE]`` arrived.
        """
        rest = self._filtered(bytes(self._buffer))
        self._buffer.clear()
        if not self._complete:
            raise StreamEndedEarly("The response ended without a finish reason.")
        return rest + self._report_usage()

    def _filtered(self, lines: bytes) -> bytes:
        parts = [part for line in lines.splitlines(keepends=True) for part in self._line(line)]
        parts.append(self._texts.flush())  # nothing waits for data that has not arrived
        return b"".join(parts)

    def _line(self, line: bytes) -> Iterator[bytes]:
        if not line.startswith(b"data:"):
            # Other fields have no meaning in this API, and no data may follow them.
            if not line.strip() and not self._texts.terminate():
                yield self._texts.flush() + line
            return
        data = line[len(b"data:") :].strip().decode("utf-8", "replace")
        if data == _DONE:
            self._complete = True
            yield self._texts.flush() + self._report_usage() + line
        elif data:
            yield self._chunk(data, line)

    def _chunk(self, data: str, line: bytes) -> bytes:
        try:
            chunk = json.loads(data)
        except ValueError:
            return self._texts.flush() + line
        if not isinstance(chunk, dict) or not _well_formed(chunk.get("choices")):
            raise MalformedChunk(f"not a chunk of the chat completions API: {data[:_QUOTED]}")
        before = self._texts.admit(chunk, line)
        if before is not None:
            return before
        return self._texts.flush() + self._other_chunk(chunk, line)

    def _other_chunk(self, chunk: dict[str, Any], line: bytes) -> bytes:
        choices = chunk.get("choices")
        if choices:
            self._complete |= any(choice.get("finish_reason") for choice in choices)
        if "error" in chunk:
            self._complete = True  # the SDK raises it
        usage = chunk.pop("usage", None)
        if not usage:
            return line
        self._usage = usage
        self._last = {
            key: chunk[key] for key in ("id", "object", "created", "model") if key in chunk
        }
        return _event(chunk) if choices else b""

    def _report_usage(self) -> bytes:
        if self._usage is None:
            return b""
        report = _event({**self._last, "choices": [], "usage": self._usage})
        self._usage = None
        return report + b"\n"


def _well_formed(choices: Any) -> bool:
    """Return whether the choices have the types of the API; null is accepted for a member."""
    return choices is None or (
        isinstance(choices, list)
        and all(
            isinstance(choice, dict) and isinstance(choice.get("delta"), dict | None)
            for choice in choices
        )
    )


def _event(chunk: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(chunk).encode() + b"\n"


class _FilteredStream(httpx2.AsyncByteStream):
    def __init__(self, source: httpx2.AsyncByteStream) -> None:
        self._source = source
        self._arrived = ReadAhead(aiter(source))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        events = EventFilter()
        async for data in self._arrived:
            if filtered := events.feed(data):
                yield filtered
        if rest := events.finish():
            yield rest

    async def aclose(self) -> None:
        await self._arrived.aclose()
        await self._source.aclose()


class FilteringTransport(NoticingTransport):
    """Filters the responses that are event streams, and reports waits."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request; see ``httpx2.AsyncBaseTransport``."""
        response = await super().handle_async_request(request)
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101  async transport
            response.stream = _FilteredStream(response.stream)
        return response
