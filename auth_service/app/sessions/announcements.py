"""Telling the other services that a session has ended.

The row in ``auth.sessions`` is the truth and also the outbox: a revocation that could not be
published, because Valkey was away, is published by the janitor when it is back.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from auth_service.app.clock import Clock
from auth_service.app.database import Database
from auth_service.app.sessions.repository import SessionRepository
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed

CHANNEL = "netra:sessions:revoked"
KEY_PREFIX = "netra:session:revoked:"

_log = get_logger(__name__)


class RevocationAnnouncer:
    """Publishes the ends of sessions, at least once each.

    Args:
        database: holds the outbox.
        valkey: carries the announcement: the session id on ``CHANNEL`` for those who listen
            now, and a key per session for those who look later.
        access_token_life: how long an access token of an ended session could still be shown,
            hence how long the key is kept.
        batch: sessions announced per call.
        clock: the present time.
    """

    def __init__(
        self,
        database: Database,
        valkey: Redis,
        *,
        access_token_life: timedelta,
        batch: int,
        clock: Clock,
    ) -> None:
        self._database = database
        self._valkey = valkey
        self._life = access_token_life
        self._batch = batch
        self._clock = clock

    async def deliver(self) -> int:
        """Announce what is in the outbox and return how many sessions that was.

        Raises:
            RedisError: Valkey is away; the outbox is unchanged.
            DatabaseUnavailable: PostgreSQL is away.
        """
        async with self._database.transaction() as session:
            repository = SessionRepository(session)
            now = self._clock()
            waiting = await repository.unannounced(self._batch)
            # Older ones need no announcement: no token of theirs is alive.
            await self._publish(sid for sid, ended in waiting if now - ended < self._life)
            await repository.mark_announced([sid for sid, _ in waiting], now)
            return len(waiting)

    async def deliver_soon(self) -> None:
        """Announce now when possible; otherwise the janitor will."""
        with swallowed(_log, "revocation_announcement_deferred", RedisError, OSError, TimeoutError):
            await self.deliver()

    async def _publish(self, session_ids: Iterable[UUID]) -> None:
        announced = list(session_ids)
        if not announced:
            return
        seconds = int(self._life.total_seconds())
        # The keys first: whoever hears a message must also find its key. Not in one transaction:
        # in a cluster the keys are on many nodes, and messages cannot be pipelined.
        async with self._valkey.pipeline(transaction=False) as pipeline:
            for session_id in announced:
                pipeline.set(f"{KEY_PREFIX}{session_id}", "1", ex=seconds)
            await pipeline.execute()
        for session_id in announced:
            await self._valkey.publish(CHANNEL, str(session_id))
