"""A client of a Valkey cluster that behaves like one of a single server.

Differences of the library that would otherwise reach every caller: its errors about the cluster
are outside of its own error tree, as is what uvloop says about a connection that was reset, and
a function library must be loaded on every primary.
"""

from typing import Any

from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterPipeline, RedisCluster
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException

from netra_shared.stores.valkey_connection import use_own_connections


class _Pipeline(ClusterPipeline):
    """Commands for many slots at once; each node gets its own."""

    async def execute(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Execute; a cluster that cannot serve is a connection that failed."""
        try:
            found: list[Any] = await super().execute(*args, **kwargs)
        except (RedisClusterException, RuntimeError) as error:
            raise RedisConnectionError(str(error)) from error
        return found


class ValkeyCluster(RedisCluster):
    """All nodes of a cluster.

    Args:
        host: of any node.
        port: of that node.
        options: of the connections to every node.
    """

    def __init__(self, host: str, port: int, options: dict[str, Any]) -> None:
        super().__init__(host=host, port=port, **options)
        self.host = host
        self.port = port
        self.options = options

    def node_client(self, host: str, port: int) -> Redis:
        """Return a client of one node alone, for subscriptions; owned by the caller."""
        client = Redis(host=host, port=port, **self.options)
        use_own_connections(client)
        return client

    def pipeline(self, transaction: Any = None, shard_hint: Any = None) -> ClusterPipeline:
        """Return a pipeline; commands of one slot keep their order."""
        del shard_hint  # of no meaning here
        return _Pipeline(self, transaction)  # type: ignore[abstract]  # an attribute it does set

    async def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        """Execute on the node that has the key, a library's load on every primary."""
        if args[0] == "FUNCTION LOAD":
            kwargs["target_nodes"] = self.PRIMARIES
        try:
            return await super().execute_command(*args, **kwargs)
        except (RedisClusterException, RuntimeError) as error:
            raise RedisConnectionError(str(error)) from error
