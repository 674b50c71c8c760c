"""The opening handshake: the head of the request as a value, its answers as bytes.

Pure. Rules: RFC 6455 section 4.2. The HTTP server has parsed the head and passes it in canonical
form: names in lower case, values trimmed, one header per line.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from netra_backend.app.transport.errors import HeaderInjection

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 1.3
_KEY_BYTES = 16
_SWITCHING = (
    b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    b"sec-websocket-accept: "
)

HeaderList = list[tuple[bytes, bytes]]


class UpgradeRefused(Exception):
    """The request is not a WebSocket handshake. Not in the error tree: it is an answer.

    Args:
        status: HTTP status of the answer.
        detail: body of the answer.
        headers: further headers of the answer.
    """

    def __init__(self, status: int, detail: str, headers: HeaderList | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or []


@dataclass(frozen=True, slots=True)
class UpgradeHead:
    """A valid handshake. ``accept_key`` answers ``Sec-WebSocket-Key``."""

    target: bytes
    headers: HeaderList
    accept_key: bytes
    subprotocols: list[str]


def parse_head(head: bytes) -> UpgradeHead:
    """Return the handshake in ``head``, which ends with an empty line.

    Raises:
        UpgradeRefused: a rule of RFC 6455 section 4.2.1 is broken.
    """
    lines = head.split(b"\r\n")
    method, _, rest = lines[0].partition(b" ")
    target, _, version = rest.rpartition(b" ")
    if not target.startswith(b"/"):
        # The absolute form, which every server must accept: RFC 9112 section 3.2.2.
        target = b"/" + target.partition(b"://")[2].partition(b"/")[2]
    if method != b"GET" or version != b"HTTP/1.1":
        raise UpgradeRefused(HTTPStatus.BAD_REQUEST, "A handshake must be an HTTP/1.1 GET.")
    headers: HeaderList = []
    keys: list[bytes] = []
    versions: list[bytes] = []
    subprotocols: list[str] = []
    for line in lines[1:]:
        if not line:
            break
        name, _, value = line.partition(b": ")
        headers.append((name, value))
        if name == b"sec-websocket-key":
            keys.append(value)
        elif name == b"sec-websocket-version":
            versions.append(value)
        elif name == b"sec-websocket-protocol":
            subprotocols += [entry.strip() for entry in value.decode("latin-1").split(",")]
    if versions != [b"13"]:
        raise UpgradeRefused(
            HTTPStatus.UPGRADE_REQUIRED,
            "Sec-WebSocket-Version must be 13, once.",
            [(b"sec-websocket-version", b"13"), (b"upgrade", b"websocket")],
        )
    if len(keys) != 1 or not _is_key(keys[0]):
        raise UpgradeRefused(
            HTTPStatus.BAD_REQUEST, "Sec-WebSocket-Key must be 16 bytes in base64, once."
        )
    return UpgradeHead(target, headers, accept_key(keys[0]), subprotocols)


def accept_key(key: bytes) -> bytes:
    """Return ``Sec-WebSocket-Accept`` for a client's key."""
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def accept_response(
    head: UpgradeHead, subprotocol: str | None, headers: Iterable[tuple[bytes, bytes]] = ()
) -> bytes:
    """Return the 101 answer with ``headers`` added."""
    parts = [_SWITCHING, head.accept_key, b"\r\n"]
    if subprotocol is not None:
        parts += [b"sec-websocket-protocol: ", subprotocol.encode("latin-1"), b"\r\n"]
    for name, value in headers:
        parts += [_safe(name), b": ", _safe(value), b"\r\n"]
    parts.append(b"\r\n")
    return b"".join(parts)


def refusal_response(
    status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes, *, length: bool = True
) -> bytes:
    """Return a complete HTTP answer that closes the connection instead of upgrading it.

    Args:
        status: HTTP status.
        headers: added unchanged, except ``Connection``.
        body: the content.
        length: whether ``Content-Length`` is to be added.
    """
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    parts = [f"HTTP/1.1 {status} {phrase}\r\nconnection: close\r\n".encode("ascii")]
    for name, value in headers:
        if name.lower() != b"connection":
            parts += [_safe(name), b": ", _safe(value), b"\r\n"]
    if length:
        parts.append(f"content-length: {len(body)}\r\n".encode("ascii"))
    parts += [b"\r\n", body]
    return b"".join(parts)


def _safe(part: bytes) -> bytes:
    if b"\r" in part or b"\n" in part or b"\0" in part:
        raise HeaderInjection("A header may not contain line breaks or NUL.")
    return part


def _is_key(value: bytes) -> bool:
    try:
        return len(base64.b64decode(value, validate=True)) == _KEY_BYTES
    except binascii.Error:
        return False
