"""Connections to Valkey that report their loss as one, whatever event loop they are on."""

from collections.abc import Iterable

from redis.asyncio import Redis
from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import ConnectionError as ConnectionLost


class _LossIsConnectionError:
    """Says that a connection is lost in the library's own words, on uvloop too.

    asyncio reports a write to a connection that the peer has reset as ``OSError``, which the
    library understands; uvloop's transport raises ``RuntimeError`` ("the handler is closed"). No
    caller expects that, so one reset at the wrong moment ended background tasks for good.
    """

    async def send_packed_command(
        self,
        command: bytes | str | Iterable[bytes],
        check_health: bool = True,  # noqa: FBT001, FBT002  the library's signature
    ) -> None:
        writer = getattr(self, "_writer", None)
        try:
            await super().send_packed_command(command, check_health)  # type: ignore[misc]
        except RuntimeError as error:
            if writer is not None and not writer.transport.is_closing():
                raise
            raise ConnectionLost("The connection was closed by the server.") from error


class _TcpConnection(_LossIsConnectionError, Connection):
    """``redis://``."""


class _TlsConnection(_LossIsConnectionError, SSLConnection):
    """``rediss://``."""


class _UnixConnection(_LossIsConnectionError, UnixDomainSocketConnection):
    """``unix://``."""


_OURS = {
    Connection: _TcpConnection,
    SSLConnection: _TlsConnection,
    UnixDomainSocketConnection: _UnixConnection,
}


def use_own_connections(client: Redis) -> None:
    """Have ``client`` make connections of these classes; call before its first command."""
    pool = client.connection_pool
    pool.connection_class = _OURS[pool.connection_class]
