"""The instances' views in Valkey, stored under leases that expire.

One hash tag keeps all keys in one slot, so that one pipeline reads the board on a cluster too. The
view of a killed instance expires after ``lease_seconds``.
"""

import time
from collections.abc import Mapping
from typing import Any

import msgspec
from pydantic import JsonValue
from redis.asyncio import Redis

_INDEX = "netra:{operations}:instances"

View = Mapping[str, JsonValue]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def _view_key(instance_id: str) -> str:
    return f"netra:{{operations}}:instance:{instance_id}"


class InstanceBoard:
    """The views of all living instances.

    Args:
        client: owned by the caller; its errors propagate.
        lease_seconds: lifetime of a view that is not written again.
        max_instances: most views that are read, the latest first.
    """

    def __init__(self, client: Redis, *, lease_seconds: int, max_instances: int) -> None:
        self._client: Any = client
        self._lease_seconds = lease_seconds
        self._max_instances = max_instances

    async def write(self, instance_id: str, view: View) -> None:
        """Store this instance's view."""
        now = time.time()
        async with self._client.pipeline(transaction=False) as pipeline:
            pipeline.set(_view_key(instance_id), _encode(view), ex=self._lease_seconds)
            pipeline.zadd(_INDEX, {instance_id: now + self._lease_seconds})
            pipeline.zremrangebyscore(_INDEX, "-inf", now)
            await pipeline.execute()

    async def withdraw(self, instance_id: str) -> None:
        """Remove this instance's view: the instance stops."""
        async with self._client.pipeline(transaction=False) as pipeline:
            pipeline.delete(_view_key(instance_id))
            pipeline.zrem(_INDEX, instance_id)
            await pipeline.execute()

    async def read(self) -> list[View]:
        """Return the views of all instances that still hold their lease."""
        names = await self._client.zrange(
            _INDEX, "+inf", time.time(), byscore=True, desc=True, offset=0, num=self._max_instances
        )
        if not names:
            return []
        views = await self._client.mget([_view_key(name.decode()) for name in names])
        return [_decode(view) for view in views if view is not None]
