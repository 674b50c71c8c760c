"""Scenarios on connections: idle, reconnect storm, token refresh."""

import asyncio
from typing import ClassVar

import msgspec

from netra_client.codes import PROTOCOL_VERSION
from netra_client.connection import Connection
from netra_client.endpoint import socket_url
from netra_client.handshake import Credential, offer_token
from netra_client.timeouts import ClientTimeouts
from netra_client.transport import open_socket
from netra_ops.load.scenarios.base import ExpectationFailed, Scenario
from netra_ops.load.user import User
from netra_ops.measure.probe import CLIENT, MAX_FRAME_BYTES, USER_AGENT, Probe


class Idle(Scenario):
    """Each user holds a socket and sends a ping now and then."""

    interval: ClassVar[float] = 1.0
    deadline: ClassVar[float] = 30.0

    async def operate(self, user: User) -> None:
        """Ping."""
        await user.connected.ping()
        user.mark("ping")


class ReconnectStorm(Scenario):
    """All users open a socket in the same moment and close it again."""

    interval: ClassVar[float] = 10.0
    together: ClassVar[bool] = True
    needs_client: ClassVar[bool] = False
    deadline: ClassVar[float] = 30.0

    async def operate(self, user: User) -> None:
        """Open, initialize, ping, close."""
        result = await Probe(socket_url(user.address), user.tokens).once()
        if not result.is_ok:
            message = f"the connection ended as {result.outcome}"
            raise ExpectationFailed(message, result.code or result.outcome.value)
        if result.handshake is not None:
            user.record("handshake", result.handshake)
        user.mark("connected")


class TokenRefresh(Scenario):
    """Each user holds a socket and renews its token in band."""

    interval: ClassVar[float] = 10.0
    needs_client: ClassVar[bool] = False
    deadline: ClassVar[float] = 30.0

    async def prepare(self, user: User) -> None:
        """Open the socket, whose reader lives as long as the user."""
        timeouts = ClientTimeouts()
        socket = await open_socket(
            socket_url(user.address),
            offer_token(Credential.SUBPROTOCOL, await user.tokens.token()),
            timeouts=timeouts,
            max_frame_bytes=MAX_FRAME_BYTES,
            user_agent=USER_AGENT,
        )
        connection = Connection(socket, timeouts, _ignore)
        user.tasks.add(asyncio.create_task(_read(connection)))
        user.shared[f"connection-{user.number}"] = connection
        params = {"protocolVersion": PROTOCOL_VERSION, "client": CLIENT}
        await connection.call("initialize", params, within=timeouts.initialize, name="initialize")

    async def operate(self, user: User) -> None:
        """Present the account's present token, as a client does after a renewal."""
        connection: Connection = user.shared[f"connection-{user.number}"]
        await connection.call("token.refresh", {"token": await user.tokens.token()})
        user.mark("token_refresh")


async def _read(connection: Connection) -> None:
    try:
        await connection.read_until_closed()
    finally:
        connection.abort("the load test ended")


def _ignore(_method: str, _params: msgspec.Raw) -> None:
    """Nothing is subscribed."""
