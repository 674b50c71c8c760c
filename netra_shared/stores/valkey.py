"""Valkey clients with named deadlines. ``redis`` is the client library; Valkey the server."""

from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.connection import SSLConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from netra_shared.settings import ServiceSettings
from netra_shared.stores.valkey_cluster import ValkeyCluster
from netra_shared.stores.valkey_connection import use_own_connections

MAX_CONNECTIONS = 64  # per client (per node of a cluster); commands are short


def create_valkey(settings: ServiceSettings, *, name: str) -> Redis:
    """Return a client; no connection is opened before the first command.

    Args:
        settings: gives the URL, ``redis_cluster``, ``redis_connect_seconds`` and
            ``redis_command_seconds``.
        name: shown by ``CLIENT LIST``, e.g. ``netra-backend``.

    Every command fails within the two deadlines. The caller decides about retries, because it knows
    its budget; the library's default of three retries with backoff would multiply the deadlines.

    A cluster client has the same commands and the type of a single-server client.
    """
    url = settings.redis_url.get_secret_value()
    options: dict[str, Any] = {
        "client_name": name,
        "socket_connect_timeout": settings.redis_connect_seconds,
        "socket_timeout": settings.redis_command_seconds,
        "socket_keepalive": True,
        "health_check_interval": 15,
        "max_connections": MAX_CONNECTIONS,
        "retry": Retry(NoBackoff(), 0),
    }
    if settings.redis_cluster:
        return cast("Redis", create_cluster(url, **options))
    client: Redis = Redis.from_url(url, **options)
    use_own_connections(client)
    return client


def create_cluster(url: str, **options: Any) -> ValkeyCluster:
    """Return a client for the cluster of the node at ``url``.

    Args:
        url: of any node; all nodes have the same credentials.
        options: for every connection.
    """
    where: dict[str, Any] = dict(parse_url(url))
    if where.pop("connection_class", None) is SSLConnection:
        where["ssl"] = True
    where.pop("db", None)  # a cluster has database 0 only
    host, port = where.pop("host"), where.pop("port", 6379)
    return ValkeyCluster(host, port, {**where, **options})
