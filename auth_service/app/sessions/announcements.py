"""Announces revoked sessions to the other services through Valkey.

PostgreSQL is the source of truth and the outbox. A revocation that could not be published is
published by the next run of the outbox task, and revocations young enough to matter are published
again when Valkey has lost them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from prometheus_client import Counter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from auth_service.app.clock import Clock
from auth_service.app.database import Database
from auth_service.app.sessions.outbox import Revocation, RevocationOutbox
from netra_shared.errors import DatabaseUnavailable
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed

CHANNEL = "netra:sessions:revoked"
KEY_PREFIX = "netra:session:revoked:"
# When the last announcement was made, in microseconds. Sixteen keys are spread over the slots of a
# cluster, so that the loss of one of three primaries removes one of them (1 - (2/3)^16 = 99.8 %).
MARKERS = tuple(f"netra:sessions:announced:{number}" for number in range(16))
MARKER_LIVES = 4  # lives of an access token; later no announcement matters
_FIRST = UUID(int=0)

ANNOUNCED_AGAIN = Counter(
    "auth_revocations_announced_again_total", "Revocations published again after data loss."
)

_log = get_logger(__name__)


class RevocationAnnouncer:
    """Publishes revocations, at least once each.

    Args:
        database: contains the outbox.
        valkey: carries the announcements: the session id on ``CHANNEL`` for current listeners,
            and one key per session for later lookups.
        access_token_life: how long an access token of a revoked session is otherwise valid;
            the lifetime of the key.
        batch: sessions per query.
        clock: the current time.
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

    async def announce_soon(self, session_ids: Sequence[UUID]) -> None:
        """Announce sessions just revoked; after an error the outbox task retries.

        The ids are passed rather than read from the outbox, so a backlog does not delay them.
        """
        with swallowed(
            _log,
            "revocation_announcement_deferred",
            RedisError,
            OSError,
            TimeoutError,
            DatabaseUnavailable,
        ):
            await self._announce(session_ids)

    async def deliver(self) -> int:
        """Announce the pending revocations of one batch and return their number.

        Raises:
            RedisError: Valkey is unavailable; the outbox is unchanged.
            DatabaseUnavailable: PostgreSQL is unavailable.
        """
        async with self._database.transaction() as transaction:
            pending = await RevocationOutbox(transaction).pending(self._batch)
        if not pending:
            return 0
        # Older ones need no key: every access token of theirs has expired.
        since = self._clock() - self._life
        young = [item.session_id for item in pending if item.revoked_at > since]
        now = self._clock()
        await self._publish(young, now)
        await self._mark([item.session_id for item in pending], now)
        return len(pending)

    async def deliver_soon(self) -> None:
        """Announce one batch of the outbox; after an error the next run retries."""
        with swallowed(_log, "revocation_announcement_deferred", RedisError, OSError, TimeoutError):
            await self.deliver()

    async def reconcile(self) -> int:
        """Announce what is pending, and again what Valkey has lost; return the number.

        Raises:
            RedisError: Valkey is unavailable.
            DatabaseUnavailable: PostgreSQL is unavailable.
        """
        delivered = await self.deliver()
        since = self._clock() - self._life
        async with self._database.transaction() as transaction:
            last = await RevocationOutbox(transaction).last_announced(since)
        if last is None or not await self._has_lost(last):
            return delivered
        again = await self._announce_again(since)
        ANNOUNCED_AGAIN.inc(again)
        _log.warning("revocations announced again after data loss in valkey", sessions=again)
        return delivered + again

    async def _has_lost(self, last_announced: datetime) -> bool:
        """Return whether a marker is absent, or older than the last announcement."""
        async with self._valkey.pipeline(transaction=False) as pipeline:
            for marker in MARKERS:
                pipeline.get(marker)
            found = await pipeline.execute()
        wanted = _microseconds(last_announced)
        return any(value is None or int(value) < wanted for value in found)

    async def _announce_again(self, since: datetime) -> int:
        last, total = Revocation(since, _FIRST), 0
        while True:
            async with self._database.transaction() as transaction:
                batch = await RevocationOutbox(transaction).after(last, self._batch)
            await self._publish([item.session_id for item in batch], self._clock())
            total += len(batch)
            if len(batch) < self._batch:
                return total
            last = batch[-1]

    async def _announce(self, session_ids: Sequence[UUID]) -> None:
        now = self._clock()
        await self._publish(session_ids, now)
        await self._mark(session_ids, now)

    async def _mark(self, session_ids: Sequence[UUID], now: datetime) -> None:
        async with self._database.transaction() as transaction:
            await RevocationOutbox(transaction).mark(session_ids, now)

    async def _publish(self, session_ids: Sequence[UUID], now: datetime) -> None:
        if not session_ids:
            return
        seconds = int(self._life.total_seconds())
        # Keys before messages: a listener that gets a message must find the key. No transaction:
        # in a cluster the keys are on several nodes, and messages cannot be pipelined.
        async with self._valkey.pipeline(transaction=False) as pipeline:
            for session_id in session_ids:
                pipeline.set(f"{KEY_PREFIX}{session_id}", "1", ex=seconds)
            await pipeline.execute()
        for session_id in session_ids:
            await self._valkey.publish(CHANNEL, str(session_id))
        # Last, and before the rows are marked: a marker that is too old only repeats the work.
        async with self._valkey.pipeline(transaction=False) as pipeline:
            for marker in MARKERS:
                pipeline.set(marker, _microseconds(now), ex=MARKER_LIVES * seconds)
            await pipeline.execute()


def _microseconds(time: datetime) -> int:
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
