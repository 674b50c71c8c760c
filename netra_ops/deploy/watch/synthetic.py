"""Synthetic clients: a handshake, ``initialize``, one ping and an orderly close, with the result.

Both releases get the same number at the same time, for any split of real traffic, so the
verdict has events even when no one uses the service.
"""

import asyncio
import time
from collections.abc import Sequence

import msgspec

from netra_client.codes import PROTOCOL_VERSION
from netra_client.connection import Connection
from netra_client.endpoint import socket_url
from netra_client.errors import (
    CommandRejected,
    DeadlinePassed,
    HandshakeRefused,
    NetraClientError,
    SocketClosed,
)
from netra_client.handshake import Credential, offer_token
from netra_client.timeouts import ClientTimeouts
from netra_client.transport import open_socket
from netra_ops.deploy.verdict.evidence import Attempt

MAX_FRAME_BYTES = 1024 * 1024
USER_AGENT = "netra-deploy/1"
# Of one account: below the bound on connections of one user.
PARALLEL = 4
NORMAL_CLOSURE = 1000


async def attempts(url: str, token: str, count: int) -> Sequence[Attempt]:
    """Use the release behind ``url`` ``count`` times, a few at a time."""
    gate = asyncio.Semaphore(PARALLEL)

    async def one() -> Attempt:
        async with gate:
            return await attempt(url, token)

    return await asyncio.gather(*(one() for _ in range(count)))


async def attempt(url: str, token: str) -> Attempt:
    """Use the release once; never raises for what it does."""
    started = time.monotonic()
    try:
        failure = await _use(url, token)
    except NetraClientError as error:
        failure = failure_class(error)
    return Attempt(time.monotonic() - started, failure)


def failure_class(error: NetraClientError) -> str:
    """Return the class that an error counts under: by protocol, not by text."""
    match error:
        case HandshakeRefused():
            return f"http_{error.status}"
        case SocketClosed():
            return f"close_{error.close_code}"
        case DeadlinePassed():
            return "timeout"
        case CommandRejected():
            return f"rpc_{error.code}"
        case _:
            return error.code


async def _use(url: str, token: str) -> str:
    timeouts = ClientTimeouts()
    socket = await open_socket(
        socket_url(url),
        offer_token(Credential.SUBPROTOCOL, token),
        timeouts=timeouts,
        max_frame_bytes=MAX_FRAME_BYTES,
        user_agent=USER_AGENT,
    )
    connection = Connection(socket, timeouts, _ignore)
    reader = asyncio.create_task(connection.read_until_closed())
    try:
        client = {"name": "netra-deploy", "version": "1"}
        await connection.call("initialize", {"protocolVersion": PROTOCOL_VERSION, "client": client})
        await connection.call("ping", {})
    finally:
        await connection.close()
        ended = await reader
    if isinstance(ended, SocketClosed) and ended.close_code == NORMAL_CLOSURE:
        return ""
    return failure_class(ended)


def _ignore(_method: str, _params: msgspec.Raw) -> None:
    """Drop a notification: a synthetic client subscribes to nothing."""
