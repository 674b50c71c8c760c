"""Valkey clients with named deadlines. ``redis`` is the client library; Valkey the server."""

from collections.abc import Iterable

from redis.asyncio import Redis
from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionLost

from netra_shared.settings import ServiceSettings

MAX_CONNECTIONS = 64  # per client; commands are short, so 64 in flight saturates one core


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


def create_valkey(settings: ServiceSettings, *, name: str) -> Redis:
    """Return a client; nothing is connected until the first command.

    Args:
        settings: gives the URL, ``redis_connect_seconds`` and ``redis_command_seconds``.
        name: shown by ``CLIENT LIST``, e.g. ``netra-backend``.

    Every command fails within the two deadlines: retries belong to the caller, who knows its
    own budget. (The library's default of three retries with backoff would multiply them.)
    """
    client: Redis = Redis.from_url(
        settings.redis_url.get_secret_value(),
        client_name=name,
        socket_connect_timeout=settings.redis_connect_seconds,
        socket_timeout=settings.redis_command_seconds,
        socket_keepalive=True,
        health_check_interval=15,
        max_connections=MAX_CONNECTIONS,
        retry=Retry(NoBackoff(), 0),
    )
    pool = client.connection_pool
    pool.connection_class = _OURS[pool.connection_class]
    return client
