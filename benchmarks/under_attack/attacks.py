"""The attacks, each from a process and a loopback address of its own.

``python -m benchmarks.under_attack.attacks FAMILY`` with the target as JSON on standard input;
attacks until it is terminated. The process has the lowest priority: on a machine that both sides
share, the attacker's own work must not be taken for its effect.
"""

import asyncio
import base64
import json
import os
import secrets
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from netra_client import FixedToken, NetraClient
from netra_client.errors import NetraClientError

ADDRESS = "127.0.0.2"
PING = b"\x89\x80" + bytes(4)  # a masked ping without payload
FRAGMENT = b"\x00\x80" + bytes(4)  # a masked, empty continuation
FIRST_FRAGMENT = b"\x01\x80" + bytes(4)
BURST = 500  # frames in one write
REFUSED = (NetraClientError, httpx.HTTPError, OSError, EOFError)


@dataclass(frozen=True)
class Target:
    """Whom to attack, and as whom."""

    url: str
    token: str
    email: str


async def _socket(target: Target, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a socket after its upgrade.

    Raises:
        OSError: refused.
    """
    parts = urlsplit(target.url)
    reader, writer = await asyncio.open_connection("127.0.0.1", parts.port, local_addr=(ADDRESS, 0))
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    writer.write(
        f"GET /ws HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        f"Sec-WebSocket-Protocol: jwt-auth, jwt.{token}\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 101 " not in head[:20]:
        writer.close()
        raise ConnectionRefusedError(head[:40])
    return reader, writer


async def _flood(target: Target, first: bytes, frame: bytes) -> None:
    reader, writer = await _socket(target, target.token)
    drain = asyncio.create_task(_discard(reader))
    try:
        writer.write(first)
        while not drain.done():
            writer.write(frame * BURST)
            await writer.drain()
            await asyncio.sleep(0)
    finally:
        drain.cancel()
        writer.close()


async def _discard(reader: asyncio.StreamReader) -> None:
    while await reader.read(65_536):
        pass


async def pings(target: Target) -> None:
    """Point 2: pings as fast as the socket takes them."""
    await _flood(target, b"", PING)


async def fragments(target: Target) -> None:
    """Point 2: empty fragments of one message that never ends."""
    await _flood(target, FIRST_FRAGMENT, FRAGMENT)


async def runs(target: Target) -> None:
    """Point 3: more long runs of one account than an instance executes."""
    async with NetraClient(target.url, FixedToken(target.token)) as client:
        while True:
            thread = await client.threads.create()
            with suppress(*REFUSED):
                await client.start_run(
                    thread.id, "words=400 pace=0.05", command_id=uuid4(), message_id=uuid4()
                )


async def streams(target: Target) -> None:
    """Point 1: long answers of one account without a pause."""
    async with NetraClient(target.url, FixedToken(target.token)) as client:
        while True:
            thread = await client.threads.create()
            await client.run(thread.id, "words=20000").answer()


async def sockets(target: Target) -> None:
    """Point 3: every socket that the account and its address get, held open."""
    reader, writer = await _socket(target, target.token)
    await _discard(reader)
    writer.close()


async def forged(target: Target) -> None:
    """Point 4: handshakes with a forged token, 300 a second of all workers."""
    head = base64.urlsafe_b64encode(b'{"alg":"EdDSA","typ":"at+jwt","kid":"forged"}').decode()
    token = f"{head.rstrip('=')}.e30.{secrets.token_urlsafe(64)}"
    with suppress(ConnectionRefusedError):
        await _socket(target, token)
    await asyncio.sleep(WORKERS["forged"] / 300)


async def sign_ins(target: Target) -> None:
    """Point 5: parallel sign-ins with a wrong password."""
    async with _http(target) as http:
        while True:
            body = {"email": target.email, "password": secrets.token_urlsafe(18)}
            await http.post("/api/auth/login", json=body)


async def searches(target: Target) -> None:
    """Point 5: parallel searches in 20,000 threads that find nothing."""
    async with _http(target) as http:
        headers = {"Authorization": f"Bearer {target.token}"}
        while True:
            query = {"q": f"plan {secrets.token_hex(4)}"}
            await http.get("/api/threads", params=query, headers=headers)


def _http(target: Target) -> httpx.AsyncClient:
    parts = urlsplit(target.url)
    return httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{parts.port}",
        headers={"Host": parts.netloc},
        transport=httpx.AsyncHTTPTransport(local_address=ADDRESS),
        timeout=30.0,
    )


# `runs` is last: what it started ends 20 s after it.
FAMILIES: dict[str, Callable[[Target], Awaitable[None]]] = {
    one.__name__: one
    for one in (streams, pings, fragments, sockets, forged, sign_ins, searches, runs)
}
WORKERS = {
    "streams": 12, "pings": 4, "fragments": 4, "runs": 4, "sockets": 200, "forged": 60,
    "sign_ins": 100, "searches": 20,
}  # fmt: skip
PAUSE_SECONDS = 0.05  # after a refusal


async def attack(family: str, target: Target) -> None:
    """Attack with all workers of a family until cancelled."""
    work = FAMILIES[family]

    async def repeat() -> None:
        while True:
            with suppress(*REFUSED):
                await work(target)
            await asyncio.sleep(PAUSE_SECONDS)

    await asyncio.gather(*(repeat() for _ in range(WORKERS[family])))


def command_line(family: str) -> list[str]:
    """Return the command of the attacker's process."""
    return [sys.executable, "-m", "benchmarks.under_attack.attacks", family]


def standard_input(target: Target) -> bytes:
    """Return what the attacker's process reads."""
    return json.dumps(asdict(target)).encode()


if __name__ == "__main__":
    os.nice(19)
    asyncio.run(attack(sys.argv[1], Target(**json.loads(sys.stdin.read()))))
