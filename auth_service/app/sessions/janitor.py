"""Sweeping what has ended, in bounded batches."""

from datetime import timedelta

from prometheus_client import Counter

from auth_service.app.clock import Clock
from auth_service.app.database import Database
from auth_service.app.sessions.announcements import RevocationAnnouncer
from auth_service.app.sessions.repository import SessionRepository

SWEPT = Counter("auth_rows_swept_total", "Rows deleted after their end, by table.", ["table"])


class SessionJanitor:
    """Announces what could not be announced and deletes what nobody needs any more.

    Several instances may sweep at once: rows locked by one are skipped by the others.

    Args:
        database: holds sessions and tokens.
        announcer: of revocations.
        kept: how long an ended session stays visible to the operator, and an expired refresh
            token recognisable.
        batch: rows per table and sweep; what is left waits for the next.
        clock: the present time.
    """

    def __init__(
        self,
        database: Database,
        announcer: RevocationAnnouncer,
        *,
        kept: timedelta,
        batch: int,
        clock: Clock,
    ) -> None:
        self._database = database
        self._announcer = announcer
        self._kept = kept
        self._batch = batch
        self._clock = clock

    async def sweep(self) -> int:
        """Do one round and return how many rows were deleted."""
        await self._announcer.deliver_soon()
        before = self._clock() - self._kept
        async with self._database.transaction() as transaction:
            repository = SessionRepository(transaction)
            sessions = await repository.delete_ended(before, self._batch)
            tokens = await repository.delete_expired_tokens(before, self._batch)
        SWEPT.labels("sessions").inc(sessions)
        SWEPT.labels("refresh_tokens").inc(tokens)
        return sessions + tokens
