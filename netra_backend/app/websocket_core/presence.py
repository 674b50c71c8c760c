"""Who is where, across instances: leases in Valkey that expire by themselves.

A connection's lease is a member of its user's sorted set, scored with its expiry. A killed
instance renews nothing, so its members fall out of every reading after ``lease_seconds``. While
Valkey is away nothing is renewed; the next round after its return writes everything again.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from netra_backend.app.websocket_core.state_registry import ConnectionRecord
from netra_shared.logging import get_logger
from netra_shared.swallow import swallowed

_log = get_logger(__name__)
_FAILURES = (RedisError, OSError, TimeoutError)
ROUNDS_PER_LEASE = 3  # two rounds may fail before a living connection seems gone


@dataclass(frozen=True, slots=True)
class PresentConnection:
    """One connection of a user, on any instance; ``expires_at`` in unix seconds."""

    instance_id: str
    connection_id: str
    expires_at: float


class PresenceLeases(Protocol):
    """Cross-instance presence."""

    async def where(self, user_id: UUID) -> list[PresentConnection]:
        """Return the user's connections whose lease has not expired."""


def presence_key(user_id: UUID) -> str:
    """Return the key of a user's sorted set."""
    return f"netra:presence:{{{user_id}}}"


class ValkeyPresence:
    """Keeps the leases of this instance's connections.

    Args:
        client: owned by the caller.
        instance_id: part of every member.
        lease_seconds: how long a lease lasts without renewal.
        records: returns the open records of this instance.
    """

    def __init__(
        self,
        client: Redis,
        *,
        instance_id: str,
        lease_seconds: int,
        records: Callable[[], Iterable[ConnectionRecord]],
    ) -> None:
        self._client: Any = client
        self._instance_id = instance_id
        self._lease_seconds = lease_seconds
        self._records = records
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to renew; call inside the event loop."""
        self._task = asyncio.create_task(self._renew_for_ever(), name="presence-leases")

    async def stop(self) -> None:
        """Stop renewing; what is left expires."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def where(self, user_id: UUID) -> list[PresentConnection]:
        """Implement ``PresenceLeases.where``; raises what the client raises."""
        members = await self._client.zrange(
            presence_key(user_id), time.time(), "+inf", byscore=True, withscores=True
        )
        found = []
        for member, score in members:
            instance_id, _, connection_id = member.decode().partition(" ")
            found.append(PresentConnection(instance_id, connection_id, float(score)))
        return found

    async def renew(self) -> None:
        """Write every open connection's lease and drop what has expired beside it."""
        now = time.time()
        async with self._client.pipeline(transaction=False) as pipeline:
            for record in self._records():
                if record.user_id is None:
                    continue
                key = presence_key(record.user_id)
                member = f"{self._instance_id} {record.connection_id}"
                pipeline.zadd(key, {member: now + self._lease_seconds})
                pipeline.zremrangebyscore(key, "-inf", now)
                pipeline.expire(key, self._lease_seconds * 2)
            await pipeline.execute()

    async def _renew_for_ever(self) -> None:
        while True:
            with swallowed(_log, "presence_not_renewed", *_FAILURES):
                await self.renew()
            await asyncio.sleep(self._lease_seconds / ROUNDS_PER_LEASE)
