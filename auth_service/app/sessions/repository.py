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
    """A stored refresh token with its session and account; locked while the session is live."""

    token: RefreshTokenRow
    session: SessionRow
    user: UserRow


class SessionRepository:
    """Reads and changes sessions within the caller's transaction.

    Revocations are announced from ``RevocationOutbox``.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def presented(self, token_hash: bytes) -> PresentedToken | None:
        """Return what is stored for a refresh token and lock its session.

        The lock is on the session, not on the token: of two requests with one token the second
        waits, and then finds the token spent. A revoked session is final and is not locked, so
        that repeated use of a dead token delays no other transaction.
        """
        session = (
            await self._session.execute(
                select(SessionRow.id, SessionRow.revoked_at)
                .join(RefreshTokenRow, RefreshTokenRow.session_id == SessionRow.id)
                .where(RefreshTokenRow.token_hash == token_hash)
            )
        ).one_or_none()
        if session is None:
            return None
        if session.revoked_at is None:
            await self._session.execute(
                select(SessionRow.id).where(SessionRow.id == session.id).with_for_update()
            )
        found = await self._session.execute(
            select(RefreshTokenRow, SessionRow, UserRow)
            .join(SessionRow, SessionRow.id == RefreshTokenRow.session_id)
            .join(UserRow, UserRow.id == SessionRow.user_id)
            .where(RefreshTokenRow.token_hash == token_hash)
        )
        row = found.one_or_none()
        return PresentedToken(*row) if row else None

    async def session_of(self, token_hash: bytes) -> UUID | None:
        """Return the id of the session that a refresh token belongs to; locks nothing."""
        return await self._session.scalar(
            select(RefreshTokenRow.session_id).where(RefreshTokenRow.token_hash == token_hash)
        )

    async def token(self, token_hash: bytes) -> RefreshTokenRow | None:
        """Return a stored refresh token."""
        return await self._session.get(RefreshTokenRow, token_hash)

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
        """Return the live sessions of an account, last used first."""
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
        """Revoke a session; return its id when it was live."""
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
        """Revoke every live session of an account; return their ids."""
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

    async def delete_ended(self, before: datetime, limit: int) -> int:
        """Delete at most ``limit`` sessions that ended before, with their tokens."""
        batch = (
            select(SessionRow.id)
            .where((SessionRow.expires_at < before) | (SessionRow.revoked_at < before))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        deleted = await self._session.scalars(
            delete(SessionRow).where(SessionRow.id.in_(batch)).returning(SessionRow.id)
        )
        return len(deleted.all())

    async def delete_expired_tokens(self, before: datetime, limit: int) -> int:
        """Delete at most ``limit`` refresh tokens that expired before."""
        batch = (
            select(RefreshTokenRow.token_hash)
            .where(RefreshTokenRow.expires_at < before)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        deleted = await self._session.scalars(
            delete(RefreshTokenRow)
            .where(RefreshTokenRow.token_hash.in_(batch))
            .returning(RefreshTokenRow.token_hash)
        )
        return len(deleted.all())
