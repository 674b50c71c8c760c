"""Connections to Valkey that report a lost connection as such on every event loop."""

from collections.abc import Iterable

from redis.asyncio import Redis
from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import ConnectionError as ConnectionLost


class _LossIsConnectionError:
    """Raises the library's connection error for a lost connection, also on uvloop.

    For a write to a connection that the peer has reset, asyncio raises ``OSError``, which the
    library handles; uvloop's transport raises ``RuntimeError`` ("the handler is closed"). No caller
    expects that, so one reset ended background tasks permanently.
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
    """Make ``client`` use the connection classes of this module; call before its first command."""
    pool = client.connection_pool
    pool.connection_class = _OURS[pool.connection_class]
