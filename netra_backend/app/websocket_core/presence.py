"""The connections subscribed to a thread, on all instances; heals after a killed instance.

A thread's connections are fields of one hash, ``<instance lease> <connection>``, written when a
connection subscribes or unsubscribes. One lease per instance covers all of its connections, so 900
connections need one renewal every two seconds. Readers ignore and remove the fields of instances
without a lease. While Valkey is unavailable the changes wait in memory; a store that lost its data
is filled again under the next lease.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from netra_backend.app.websocket_core.instance_lease import InstanceLease
from netra_backend.app.websocket_core.state_registry import ConnectionRecord
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.runtime.task_end import end_tasks

WRITE_BATCH = 256  # at 3 commands each: bounds the pipeline of a mass reconnect
RETRY_SECONDS = 0.5  # between attempts while Valkey is unavailable
# Twice the longest life of a connection on Cloud Run; unread hashes expire.
HASH_SECONDS = 7_200

_log = get_logger(__name__)
_FAILURES = (RedisError, OSError, TimeoutError)
_Place = tuple[UUID, str]  # thread, connection


class PresentConnection(msgspec.Struct, frozen=True, rename="camel"):
    """One connection that is subscribed to a thread; ``since`` in unix seconds."""

    connection_id: str
    user_id: UUID
    client: str
    since: float


@dataclass(frozen=True, slots=True)
class Presence:
    """The subscribed connections; not ``complete``: only those of this instance."""

    connections: tuple[PresentConnection, ...]
    complete: bool


def presence_key(thread_id: UUID) -> str:
    """Return the key of a thread's hash, in the cluster slot of the thread's other keys."""
    return f"netra:{{{thread_id}}}:presence"


@dataclass(eq=False)
class ThreadPresence:
    """Writes this instance's connections and reads those of all instances.

    Args:
        client: owned by the caller.
        lease: the lease of this instance; renewed and ended here.
    """

    client: Redis
    lease: InstanceLease
    _here: dict[_Place, PresentConnection] = field(default_factory=dict)
    _dirty: dict[_Place, None] = field(default_factory=dict)  # in order of change
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self) -> None:
        """Start the tasks; call inside the event loop."""
        self._tasks = [
            asyncio.create_task(self._beat_forever(), name="presence-lease"),
            asyncio.create_task(self._write_forever(), name="presence-writer"),
        ]

    async def stop(self) -> None:
        """Stop the tasks and end the lease, which removes this instance's connections."""
        await end_tasks(self._tasks)
        with swallowed(_log, "presence_lease_not_ended", *_FAILURES):
            await self.lease.end()

    def join(self, thread_id: UUID, record: ConnectionRecord, *, now: float) -> None:
        """Record a subscription of a connection since ``now`` (unix seconds)."""
        if record.user_id is None:
            return
        place = (thread_id, record.connection_id)
        if place not in self._here:
            self._here[place] = PresentConnection(
                record.connection_id, record.user_id, record.client, round(now, 3)
            )
            self._mark(place)

    def leave(self, thread_id: UUID, connection_id: str) -> None:
        """Remove a subscription of a connection."""
        if self._here.pop((thread_id, connection_id), None) is not None:
            self._mark((thread_id, connection_id))

    async def connections_of(self, thread_id: UUID) -> Presence:
        """Return the thread's connections, oldest first."""
        found = {p.connection_id: p for (thread, _), p in self._here.items() if thread == thread_id}
        complete = False
        with swallowed(_log, "presence_unreadable", *_FAILURES):
            for present in await self._elsewhere(thread_id):
                found.setdefault(present.connection_id, present)
            complete = True
        return Presence(tuple(sorted(found.values(), key=lambda p: p.since)), complete)

    async def _elsewhere(self, thread_id: UUID) -> list[PresentConnection]:
        client: Any = self.client
        key = presence_key(thread_id)
        rows: dict[bytes, bytes] = await client.hgetall(key)
        lease_of = {name: name.decode().partition(" ")[0] for name in rows}
        others = sorted({lease for lease in lease_of.values() if lease != self.lease.name})
        living = await self.lease.living(others)
        # An expired lease is never renewed, so its fields can be removed, also by several readers.
        gone = [n for n, lease in lease_of.items() if lease in others and lease not in living]
        if gone:
            await client.hdel(key, *gone)
        return [
            msgspec.json.decode(row, type=PresentConnection)
            for name, row in rows.items()
            if lease_of[name] in living
        ]

    def _mark(self, place: _Place) -> None:
        self._dirty[place] = None
        self._changed.set()

    async def _beat_forever(self) -> None:
        while True:
            with swallowed(_log, "presence_lease_not_renewed", *_FAILURES):
                if not await self.lease.beat():
                    for place in self._here:
                        self._mark(place)
            await asyncio.sleep(self.lease.beat_seconds)

    async def _write_forever(self) -> None:
        while True:
            await self._changed.wait()
            places = list(self._dirty)[:WRITE_BATCH]
            for place in places:
                del self._dirty[place]
            written = False
            with swallowed(_log, "presence_not_written", *_FAILURES):
                await self._write(places)
                written = True
            if not written:
                for place in places:
                    self._dirty[place] = None
                await asyncio.sleep(RETRY_SECONDS)
            if not self._dirty:
                self._changed.clear()

    async def _write(self, places: list[_Place]) -> None:
        async with self.client.pipeline(transaction=False) as pipeline:
            for thread_id, connection_id in places:
                key, name = presence_key(thread_id), f"{self.lease.name} {connection_id}"
                present = self._here.get((thread_id, connection_id))
                if present is None:
                    pipeline.hdel(key, name)
                else:
                    pipeline.hset(key, name, msgspec.json.encode(present))
                    pipeline.expire(key, HASH_SECONDS)
            await pipeline.execute()
