"""The generator's sockets, on picows: cheap enough for the fastest contestant."""

import asyncio
import time
from collections.abc import Callable, Sequence
from uuid import uuid4

import jwt
import picows

from benchmarks.dialects import Dialect

OPEN_SECONDS = 20.0
SECRET = "benchmarks-are-no-secret-but-need-thirty-two-bytes"  # noqa: S105  of a test server
ISSUER, AUDIENCE = "netra-auth", "netra"
ENGINE_IO_PING, ENGINE_IO_PONG = b"2", b"3"

OnText = Callable[["Link", bytes], None]


def make_token() -> str:
    """Return an access token of a new user."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(uuid4()),
        "sid": str(uuid4()),
        "jti": uuid4().hex,
        "roles": ["user"],
        "iat": now,
        "exp": now + 3600,
    }
    return jwt.encode(claims, SECRET, algorithm="HS256")


class Link(picows.WSListener):
    """One socket: says the opening, then hands frames to ``on_text``."""

    def __init__(self, dialect: Dialect, token: str, on_text: OnText) -> None:
        self.dialect = dialect
        self.on_text = on_text
        self.transport: picows.WSTransport
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._opening = dialect.opening(token)

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        """Start the opening."""
        self.transport = transport
        self._say(b"")
        if not self.dialect.ready:
            self.opened.set_result(None)

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        """Take a frame."""
        if frame.msg_type != picows.WSMsgType.TEXT:
            if frame.msg_type == picows.WSMsgType.CLOSE:
                transport.send_close(picows.WSCloseCode.OK)
                transport.disconnect()
            return
        data = frame.get_payload_as_bytes()
        if data == ENGINE_IO_PING:
            self.send(ENGINE_IO_PONG)
        elif self.opened.done():
            self.on_text(self, data)
        elif data.startswith(self.dialect.ready):
            self.opened.set_result(None)
            self.on_text(self, data)
        else:
            self._say(data)

    def send(self, data: bytes) -> None:
        """Send a text frame."""
        self.transport.send(picows.WSMsgType.TEXT, data)

    def _say(self, heard: bytes) -> None:
        if self._opening and heard.startswith(self._opening[0][0]):
            self.send(self._opening.pop(0)[1])


async def open_link(
    port: int, dialect: Dialect, on_text: OnText, *, token: str | None = None
) -> Link:
    """Return an open socket.

    Raises:
        TimeoutError: the opening took too long.
        picows.WSHandshakeError: the server refused.
    """
    token = token or make_token()
    _, link = await picows.ws_connect(
        lambda: Link(dialect, token, on_text),
        f"ws://127.0.0.1:{port}{dialect.path}",
        extra_headers=dialect.headers(token),
        websocket_handshake_timeout=OPEN_SECONDS,
        read_buffer_init_size=2048,
    )
    assert isinstance(link, Link)
    async with asyncio.timeout(OPEN_SECONDS):
        await link.opened
    return link


async def open_links(
    ports: Sequence[int], dialect: Dialect, count: int, on_text: OnText, *, concurrent: int = 50
) -> list[Link]:
    """Return ``count`` open sockets, spread over ``ports``."""
    links: list[Link] = []
    for first in range(0, count, concurrent):
        links += await asyncio.gather(
            *(
                open_link(ports[number % len(ports)], dialect, on_text)
                for number in range(first, min(count, first + concurrent))
            )
        )
    return links


async def close_links(links: Sequence[Link]) -> None:
    """Close and wait until all are gone."""
    for link in links:
        link.transport.send_close(picows.WSCloseCode.OK)
        link.transport.disconnect()
    await asyncio.gather(
        *(link.transport.wait_disconnected() for link in links), return_exceptions=True
    )
