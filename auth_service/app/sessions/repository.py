"""Sessions and refresh tokens in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth_service.app.accounts.models import UserRow
from auth_service.app.sessions.family import RevocationReason
from auth_service.app.sessions.models import RefreshTokenRow, SessionRow


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """A stored refresh token with its session and account, locked."""

    token: RefreshTokenRow
    session: SessionRow
    user: UserRow


class SessionRepository:
    """Reads and changes sessions within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def presented(self, token_hash: bytes) -> PresentedToken | None:
        """Return what is stored for a refresh token and lock its session.

        The lock is on the session, not on the token: of two requests with one token the second
        waits, and then finds the token spent.
        """
        session_id = await self._session.scalar(
            select(RefreshTokenRow.session_id).where(RefreshTokenRow.token_hash == token_hash)
        )
        if session_id is None:
            return None
        await self._session.execute(
            select(SessionRow.id).where(SessionRow.id == session_id).with_for_update()
        )
        found = await self._session.execute(
            select(RefreshTokenRow, SessionRow, UserRow)
            .join(SessionRow, SessionRow.id == RefreshTokenRow.session_id)
            .join(UserRow, UserRow.id == SessionRow.user_id)
            .where(RefreshTokenRow.token_hash == token_hash)
        )
        row = found.one_or_none()
        return PresentedToken(*row) if row else None

    async def find(self, session_id: UUID) -> tuple[SessionRow, UserRow] | None:
        """Return a session and its account."""
        found = await self._session.execute(
            select(SessionRow, UserRow)
            .join(UserRow, UserRow.id == SessionRow.user_id)
            .where(SessionRow.id == session_id)
        )
        row = found.one_or_none()
        return (row[0], row[1]) if row else None

    async def live_of(self, user_id: UUID, now: datetime, limit: int) -> Sequence[SessionRow]:
        """Return an account's live sessions, last used first."""
        rows = await self._session.scalars(
            select(SessionRow)
            .where(
                SessionRow.user_id == user_id,
                SessionRow.revoked_at.is_(None),
                SessionRow.expires_at > now,
            )
            .order_by(SessionRow.last_used_at.desc(), SessionRow.id)
            .limit(limit)
        )
        return rows.all()

    async def revoke(
        self, session_id: UUID, now: datetime, reason: RevocationReason
    ) -> UUID | None:
        """End a session; return its id when it was live until now."""
        return await self._session.scalar(
            update(SessionRow)
            .where(
                SessionRow.id == session_id,
                SessionRow.revoked_at.is_(None),
                SessionRow.expires_at > now,
            )
            .values(revoked_at=now, revocation_reason=reason.value)
            .returning(SessionRow.id)
        )

    async def revoke_all_of(
        self, user_id: UUID, now: datetime, reason: RevocationReason
    ) -> Sequence[UUID]:
        """End every live session of an account; return their ids."""
        ended = await self._session.scalars(
            update(SessionRow)
            .where(
                SessionRow.user_id == user_id,
                SessionRow.revoked_at.is_(None),
                SessionRow.expires_at > now,
            )
            .values(revoked_at=now, revocation_reason=reason.value)
            .returning(SessionRow.id)
        )
        return ended.all()

    async def unannounced(self, limit: int) -> Sequence[tuple[UUID, datetime]]:
        """Return sessions whose end was not published yet, oldest first, locked against others."""
        rows = await self._session.execute(
            select(SessionRow.id, SessionRow.revoked_at)
            .where(SessionRow.revoked_at.is_not(None), SessionRow.announced_at.is_(None))
            .order_by(SessionRow.revoked_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [(row[0], row[1]) for row in rows if row[1] is not None]

    async def mark_announced(self, session_ids: Sequence[UUID], now: datetime) -> None:
        """Take sessions out of the outbox."""
        await self._session.execute(
            update(SessionRow).where(SessionRow.id.in_(session_ids)).values(announced_at=now)
        )

    async def delete_ended(self, before: datetime, limit: int) -> int:
        """Delete at most ``limit`` sessions that ended before; their tokens go with them."""
        victims = (
            select(SessionRow.id)
            .where((SessionRow.expires_at < before) | (SessionRow.revoked_at < before))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        gone = await self._session.scalars(
            delete(SessionRow).where(SessionRow.id.in_(victims)).returning(SessionRow.id)
        )
        return len(gone.all())

    async def delete_expired_tokens(self, before: datetime, limit: int) -> int:
        """Delete at most ``limit`` refresh tokens that expired before."""
        victims = (
            select(RefreshTokenRow.token_hash)
            .where(RefreshTokenRow.expires_at < before)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        gone = await self._session.scalars(
            delete(RefreshTokenRow)
            .where(RefreshTokenRow.token_hash.in_(victims))
            .returning(RefreshTokenRow.token_hash)
        )
        return len(gone.all())
