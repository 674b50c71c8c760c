"""Proof of life of this process in Valkey: a key that expires unless it is renewed.

The server's own clock decides, so no two machines need agree on the time. A lease that lapsed is
never taken up again; the next one has another name. Whoever finds a name without its key may
therefore clean up after it, at any time and more than once.
"""

from typing import Any
from uuid import uuid4

from redis.asyncio import Redis

BEATS_PER_LEASE = 3  # two beats may fail before a living instance seems gone


def lease_key(name: str) -> str:
    """Return the key that exists while the instance behind ``name`` lives."""
    return f"netra:instance:{name}"


class InstanceLease:
    """One instance's lease.

    Args:
        client: owned by the caller.
        instance_id: begins every name.
        seconds: how long a lease lasts without renewal.
    """

    def __init__(self, client: Redis, *, instance_id: str, seconds: float) -> None:
        self._client: Any = client
        self._instance_id = instance_id
        self._milliseconds = round(seconds * 1000)
        self.seconds = seconds
        self.name = self._new_name()

    @property
    def beat_seconds(self) -> float:
        """Interval at which ``beat`` is due."""
        return self.seconds / BEATS_PER_LEASE

    async def beat(self) -> bool:
        """Renew the lease, or begin another one when it lapsed; returns whether it was renewed.

        Raises what the client raises; then nothing has changed.
        """
        if await self._client.set(lease_key(self.name), 1, px=self._milliseconds, xx=True):
            return True
        self.name = self._new_name()
        await self._client.set(lease_key(self.name), 1, px=self._milliseconds)
        return False

    async def end(self) -> None:
        """Give the lease up at once; raises what the client raises."""
        await self._client.delete(lease_key(self.name))

    async def living(self, names: list[str]) -> set[str]:
        """Return those of ``names`` whose lease has not lapsed."""
        if not names:
            return set()
        async with self._client.pipeline(transaction=False) as pipeline:
            for name in names:
                pipeline.exists(lease_key(name))
            found = await pipeline.execute()
        return {name for name, there in zip(names, found, strict=True) if there}

    def _new_name(self) -> str:
        return f"{self._instance_id}.{uuid4().hex[:8]}"
