"""A host of images on a real socket."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def answer(
    content: bytes = PNG, *, kind: str = "image/png", status: str = "200 OK", extra: str = ""
) -> bytes:
    """Return an HTTP/1.1 answer; it ends with the connection."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{extra}\r\n".encode() + content


@dataclass
class ImageHost:
    """Answers every path of ``answers``; other paths stay without an answer until ``close``."""

    port: int = 0
    answers: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    """The head of each request."""
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Return the address of ``path``."""
        return f"http://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.requests.append(head)
        found = self.answers.get(head.split(" ")[1])
        if found is None:
            await self.closing.wait()
        else:
            writer.write(found)
        writer.close()


@pytest.fixture
async def image_host() -> AsyncIterator[ImageHost]:
    host = ImageHost()
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0)
    host.port = server.sockets[0].getsockname()[1]
    yield host
    host.closing.set()
    server.close()
    await server.wait_closed()
