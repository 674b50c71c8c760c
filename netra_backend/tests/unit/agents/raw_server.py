"""A real HTTP server that answers each request with the recorded bytes of a provider."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

BASE = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
DONE = b"data: [DONE]\n\n"
RECEIVED_SECONDS = 0.2


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **others: Any) -> bytes:
    """Return one event; ``others`` are members of the chunk."""
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return event({**BASE, "choices": [choice], **others})


def event(data: dict[str, Any]) -> bytes:
    """Return ``data`` as one server-sent event."""
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def usage(prompt: int, completion: int) -> dict[str, int]:
    """Return the usage that a provider reports."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


@dataclass(frozen=True)
class Refused:
    """An answer with an error status."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Broken:
    """An answer that breaks off: after its bytes the connection is reset, or just closed.

    Args:
        content: the bytes that arrive.
        headers: further headers, such as those of a body that promises more.
        reset: whether the peer resets the connection (RST) instead of closing it.
    """

    content: bytes
    headers: dict[str, str] = field(default_factory=dict)
    reset: bool = False


@dataclass
class RawServer:
    """Answers request number n with ``answers[n]``, the last one repeatedly."""

    answers: tuple[bytes | Refused | Broken, ...]
    requests: list[dict[str, Any]] = field(default_factory=list)
    base_url: str = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one request and close."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next(line for line in head.splitlines() if line.startswith("content-length"))
        body = await reader.readexactly(int(length.partition(":")[2]))
        self.requests.append(json.loads(body))
        answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
        if isinstance(answer, Refused):
            content = json.dumps(answer.body).encode()
            kind = "application/json"
        else:
            content = answer.content if isinstance(answer, Broken) else answer
            kind = "text/event-stream; charset=utf-8"
        status = answer.status if isinstance(answer, Refused) else 200
        headers = {"content-type": kind, "connection": "close"}
        if isinstance(answer, Refused | Broken):
            headers |= answer.headers
        lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        for start in range(0, len(content), 7):  # events arrive in arbitrary pieces
            writer.write(content[start : start + 7])
        await writer.drain()
        if isinstance(answer, Broken) and answer.reset:
            await asyncio.sleep(RECEIVED_SECONDS)  # a reset discards what has not been read
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def raw_server(*answers: bytes | Refused | Broken) -> AsyncIterator[RawServer]:
    """Serve on a port of the kernel's choice."""
    fake = RawServer(answers)
    server = await asyncio.start_server(fake.handle, "127.0.0.1", 0)
    fake.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield fake
    finally:
        server.close()
        await server.wait_closed()
