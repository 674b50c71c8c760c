"""The epoch in Valkey: one key, written with the server's own clock."""

from typing import Any

from redis.asyncio import Redis

from netra_backend.app.releases.epoch import Epoch, Mode, decode, encode

KEY = "netra:release:epoch"


class EpochStore:
    """Reads and writes the epoch.

    Args:
        client: owned by the caller; its errors are passed on.
        ttl_seconds: how long an epoch is kept.
    """

    def __init__(self, client: Redis, *, ttl_seconds: int) -> None:
        self._client: Any = client
        self._ttl_seconds = ttl_seconds

    async def read(self) -> Epoch | None:
        """Return the present epoch, None when there is none.

        Raises:
            msgspec.MsgspecError: the key holds something else.
        """
        stored = await self._client.get(KEY)
        return None if stored is None else decode(stored)

    async def declare(self, release: str, mode: Mode, per_second: float) -> Epoch:
        """Write a new epoch that starts now, and return it."""
        seconds, microseconds = await self._client.time()
        epoch = Epoch(release, seconds + microseconds / 1e6, mode, per_second)
        await self._client.set(KEY, encode(epoch), ex=self._ttl_seconds)
        return epoch
