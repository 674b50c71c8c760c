"""The two ways in, through which headers go exactly as given: a request and a handshake."""

import asyncio
import json
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from netra_client.errors import ConnectionLost, ProtocolViolation
from netra_client.handshake import SUBPROTOCOL
from netra_client.timeouts import deadline
from netra_ops.edge.contract.arrival import Outcome, Refusal, Sent, read_arrival

HTTP_PATH, SOCKET_PATH = "/api/headers", "/ws/headers"
ANSWER_SECONDS = 10.0
CLOSE_SECONDS = 1.0
_READ_BYTES = 65_536


class Door(Protocol):
    """One way in."""

    @property
    def name(self) -> str:
        """Return what the table calls it."""

    def credential(self, token: str) -> Sent:
        """Return the headers that a client of this door proves itself with."""

    async def send(self, headers: Sent) -> Outcome:
        """Send ``headers`` and return what arrived.

        Raises:
            ConnectionLost: the edge is not reached.
            DeadlinePassed: no connection within ``ANSWER_SECONDS``.
            ProtocolViolation: the answer is none of a Netra backend.
        """


@dataclass(frozen=True)
class HttpDoor:
    """Plain requests.

    Args:
        base_url: ``http(s)://host[:port]``.
        name: shown in the table.
        local_address: where to connect from, for a caller that is not the edge.
    """

    base_url: str
    name: str = "request"
    local_address: str | None = None

    def credential(self, token: str) -> Sent:
        """Implement ``Door.credential``."""
        return [("Authorization", f"Bearer {token}")]

    async def send(self, headers: Sent) -> Outcome:
        """Implement ``Door.send``."""
        transport = httpx.AsyncHTTPTransport(local_address=self.local_address)
        client = httpx.AsyncClient(
            transport=transport, base_url=self.base_url, timeout=ANSWER_SECONDS
        )
        async with client:
            # Without these httpx adds its own, which would stand beside ours.
            for name in ("accept", "accept-encoding", "user-agent"):
                del client.headers[name]
            try:
                answer = await client.get(HTTP_PATH, headers=list(headers))
            except (httpx.ReadTimeout, httpx.WriteTimeout):
                return Refusal(None)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                return Refusal(0)
            except httpx.TransportError as error:
                raise ConnectionLost(f"network: {error}") from error
        if answer.status_code != httpx.codes.OK:
            return _refusal(answer.status_code, answer.content)
        return read_arrival(_document(answer.text, HTTP_PATH))


@dataclass(frozen=True)
class HandshakeDoor:
    """WebSocket handshakes, written header by header.

    Args:
        base_url: ``http(s)://host[:port]``.
        name: shown in the table.
    """

    base_url: str
    name: str = "handshake"

    def credential(self, token: str) -> Sent:
        """Implement ``Door.credential``: what a browser does."""
        return [("Sec-WebSocket-Protocol", f"{SUBPROTOCOL}, jwt.{token}")]

    async def send(self, headers: Sent) -> Outcome:
        """Implement ``Door.send``."""
        url = f"ws{self.base_url.removeprefix('http')}{SOCKET_PATH}"
        protocol = ClientProtocol(parse_uri(url), subprotocols=[Subprotocol(SUBPROTOCOL)])
        async with deadline("connect", ANSWER_SECONDS):
            reader, writer = await _connect(self.base_url)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                protocol.send_request(_request(protocol, headers))
                events = await _converse(protocol, reader, writer)
        except TimeoutError:
            return Refusal(None)
        except ConnectionError:
            return Refusal(0)
        finally:
            writer.close()
            with suppress(OSError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), CLOSE_SECONDS)
        return _outcome(protocol, events)


def _request(protocol: ClientProtocol, headers: Sent) -> Request:
    """Return the library's request with our headers in place of its own of the same name."""
    request = protocol.connect()
    for name in {name.lower() for name, _ in headers} | {"sec-websocket-protocol"}:
        if name in request.headers:
            del request.headers[name]
    for name, value in headers:
        request.headers[name] = value
    return request


async def _connect(base_url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(base_url)
    secure = parts.scheme == "https"
    try:
        return await asyncio.open_connection(
            parts.hostname,
            parts.port or (443 if secure else 80),
            ssl=ssl.create_default_context() if secure else None,
        )
    except OSError as error:
        raise ConnectionLost(f"network: {error.strerror or error}") from error


async def _converse(
    protocol: ClientProtocol, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Sequence[Any]:
    """Pass bytes between the library and the wire until the first frame or the end."""
    events: list[Any] = []
    while True:
        for data in protocol.data_to_send():
            writer.write(data)
        await writer.drain()
        if any(isinstance(event, Frame) for event in events) or protocol.handshake_exc:
            return events
        data = await reader.read(_READ_BYTES)
        if data:
            protocol.receive_data(data)
        else:
            protocol.receive_eof()
        events += protocol.events_received()
        if not data:
            return events


def _outcome(protocol: ClientProtocol, events: Sequence[Any]) -> Outcome:
    response = next((event for event in events if isinstance(event, Response)), None)
    if response is None:
        return Refusal(0)
    if isinstance(protocol.handshake_exc, InvalidHandshake):
        if response.status_code == httpx.codes.SWITCHING_PROTOCOLS:
            raise ProtocolViolation(f"the upgrade is no WebSocket: {protocol.handshake_exc}")
        return _refusal(response.status_code, bytes(response.body or b""))
    frame = next((e for e in events if isinstance(e, Frame) and e.opcode is Opcode.TEXT), None)
    if frame is None:
        raise ProtocolViolation(f"{SOCKET_PATH} opened and sent no frame")
    return read_arrival(_document(bytes(frame.data).decode(), SOCKET_PATH), protocol.subprotocol)


def _refusal(status: int, body: bytes) -> Refusal:
    try:
        document = json.loads(body)
    except ValueError:
        return Refusal(status)
    return Refusal(status, str(document.get("code", "")) if isinstance(document, dict) else "")


def _document(text: str, path: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ProtocolViolation(f"{path} does not answer as a Netra backend does") from error
