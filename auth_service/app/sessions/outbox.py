"""The outbox of revocations: revoked and deleted sessions in PostgreSQL.

Reads take no row locks. An earlier version skipped locked rows, so a session whose refreshes
were in flight was announced up to 36 s late. Two instances may therefore read the same row and
announce it twice, which has no effect.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, tuple_, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth_service.app.sessions.models import DeletedSessionRow, SessionRow

Table = type[SessionRow] | type[DeletedSessionRow]

_TABLES: tuple[Table, ...] = (SessionRow, DeletedSessionRow)


class Revocation(NamedTuple):
    """A session and when it was revoked or deleted."""

    revoked_at: datetime
    session_id: UUID


class RevocationOutbox:
    """Reads and marks revocations within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def pending(self, limit: int) -> Sequence[Revocation]:
        """Return at most ``limit`` revocations that were not announced, oldest first."""
        return await self._select(
            limit,
            lambda table: [table.revoked_at.is_not(None), table.announced_at.is_(None)],
        )

    async def after(self, last: Revocation, limit: int) -> Sequence[Revocation]:
        """Return at most ``limit`` revocations that follow ``last``, oldest first."""
        return await self._select(
            limit,
            lambda table: [tuple_(table.revoked_at, table.id) > tuple_(*last)],
        )

    async def last_announced(self, since: datetime) -> datetime | None:
        """Return when a revocation younger than ``since`` was announced last, if one was."""
        times = [
            await self._session.scalar(
                select(func.max(table.announced_at)).where(table.revoked_at > since)
            )
            for table in _TABLES
        ]
        return max((time for time in times if time is not None), default=None)

    async def mark(self, session_ids: Sequence[UUID], now: datetime) -> None:
        """Record that revocations were announced."""
        for table in _TABLES:
            await self._session.execute(
                update(table)
                .where(table.id.in_(session_ids), table.announced_at.is_(None))
                .values(announced_at=now)
            )

    async def delete_old(self, before: datetime) -> None:
        """Delete records of deleted sessions that were announced before."""
        await self._session.execute(
            delete(DeletedSessionRow).where(DeletedSessionRow.announced_at < before)
        )

    async def _select(
        self, limit: int, conditions: Callable[[Table], list[ColumnElement[bool]]]
    ) -> Sequence[Revocation]:
        both = union_all(
            *(
                select(table.revoked_at, table.id)
                .where(*conditions(table))
                .limit(limit)
                .order_by(table.revoked_at, table.id)
                for table in _TABLES
            )
        ).subquery()
        rows = await self._session.execute(
            select(both).order_by(both.c.revoked_at, both.c.id).limit(limit)
        )
        return [Revocation(row.revoked_at, row.id) for row in rows]
