"""A Valkey cluster client that behaves like a single-server client.

It hides differences of the library: cluster errors and uvloop's error for a reset connection are
outside of its error tree, and a function library must be loaded on every primary.
"""

from typing import Any

from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterPipeline, RedisCluster
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException

from netra_shared.stores.valkey_connection import use_own_connections


class _Pipeline(ClusterPipeline):
    """Commands for several slots; each node gets its own."""

    async def execute(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Execute; report an unavailable cluster as a connection error."""
        try:
            found: list[Any] = await super().execute(*args, **kwargs)
        except (RedisClusterException, RuntimeError) as error:
            raise RedisConnectionError(str(error)) from error
        return found


class ValkeyCluster(RedisCluster):
    """Client for all nodes of a cluster.

    Args:
        host: of any node.
        port: of that node.
        options: for the connections to every node.
    """

    def __init__(self, host: str, port: int, options: dict[str, Any]) -> None:
        super().__init__(host=host, port=port, **options)
        self.host = host
        self.port = port
        self.options = options

    def node_client(self, host: str, port: int) -> Redis:
        """Return a client for one node, for subscriptions; owned by the caller."""
        client = Redis(host=host, port=port, **self.options)
        use_own_connections(client)
        return client

    def pipeline(self, transaction: Any = None, shard_hint: Any = None) -> ClusterPipeline:
        """Return a pipeline; commands of one slot keep their order."""
        del shard_hint  # no meaning in a cluster
        return _Pipeline(self, transaction)  # type: ignore[abstract]  # an attribute it does set

    async def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        """Execute on the node of the key, or on every primary for a function library."""
        if args[0] == "FUNCTION LOAD":
            kwargs["target_nodes"] = self.PRIMARIES
        try:
            return await super().execute_command(*args, **kwargs)
        except (RedisClusterException, RuntimeError) as error:
            raise RedisConnectionError(str(error)) from error
