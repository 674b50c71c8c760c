"""The lease of this instance in Valkey: a key that expires unless it is renewed.

The clock of the server decides, so the clocks of the instances need not agree. An expired lease is
never renewed; the next one has another name. Any reader that finds a name without its key may
therefore remove the instance's data, at any time and repeatedly.
"""

from typing import Any
from uuid import uuid4

from redis.asyncio import Redis

BEATS_PER_LEASE = 3  # two consecutive renewals may fail before the lease expires


def lease_key(name: str) -> str:
    """Return the key that exists while the lease ``name`` is valid."""
    return f"netra:instance:{name}"


class InstanceLease:
    """One instance's lease.

    Args:
        client: owned by the caller.
        instance_id: prefix of each lease name.
        seconds: lifetime of a lease without renewal.
    """

    def __init__(self, client: Redis, *, instance_id: str, seconds: float) -> None:
        self._client: Any = client
        self._instance_id = instance_id
        self._milliseconds = round(seconds * 1000)
        self.seconds = seconds
        self.name = self._new_name()

    @property
    def beat_seconds(self) -> float:
        """Interval between calls of ``beat``."""
        return self.seconds / BEATS_PER_LEASE

    async def beat(self) -> bool:
        """Renew the lease, or start another one when it expired; return whether it was renewed.

        Errors of the client propagate; the lease is then unchanged.
        """
        if await self._client.set(lease_key(self.name), 1, px=self._milliseconds, xx=True):
            return True
        self.name = self._new_name()
        await self._client.set(lease_key(self.name), 1, px=self._milliseconds)
        return False

    async def end(self) -> None:
        """Delete the lease immediately; errors of the client propagate."""
        await self._client.delete(lease_key(self.name))

    async def living(self, names: list[str]) -> set[str]:
        """Return those of ``names`` whose lease is valid."""
        if not names:
            return set()
        async with self._client.pipeline(transaction=False) as pipeline:
            for name in names:
                pipeline.exists(lease_key(name))
            found = await pipeline.execute()
        return {name for name, there in zip(names, found, strict=True) if there}

    def _new_name(self) -> str:
        return f"{self._instance_id}.{uuid4().hex[:8]}"
