"""Valkey clients with named deadlines. ``redis`` is the client library; Valkey the server."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from netra_shared.settings import ServiceSettings

MAX_CONNECTIONS = 64  # per client; commands are short, so 64 in flight saturates one core


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
    return client
