"""Deletes ended sessions and expired tokens in bounded batches."""

from datetime import timedelta

from prometheus_client import Counter

from auth_service.app.clock import Clock
from auth_service.app.database import Database
from auth_service.app.sessions.announcements import RevocationAnnouncer
from auth_service.app.sessions.outbox import RevocationOutbox
from auth_service.app.sessions.repository import SessionRepository

SWEPT = Counter("auth_rows_swept_total", "Rows deleted after their end, by table.", ["table"])


class SessionJanitor:
    """Announces pending revocations and deletes old rows.

    Several instances may sweep concurrently: rows locked by one are skipped by the others. The
    next sweep deletes what was skipped.

    Args:
        database: contains sessions and tokens.
        announcer: of revocations.
        kept: how long an ended session stays visible to the operator, and reuse of an expired
            refresh token is recognised.
        batch: rows per table and sweep.
        clock: the current time.
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
        """Run one sweep and return the number of deleted rows."""
        await self._announcer.deliver_soon()
        before = self._clock() - self._kept
        async with self._database.transaction() as transaction:
            repository = SessionRepository(transaction)
            sessions = await repository.delete_ended(before, self._batch)
            tokens = await repository.delete_expired_tokens(before, self._batch)
            await RevocationOutbox(transaction).delete_old(before)
        SWEPT.labels("sessions").inc(sessions)
        SWEPT.labels("refresh_tokens").inc(tokens)
        return sessions + tokens
