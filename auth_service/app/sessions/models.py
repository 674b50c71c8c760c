"""Tables of sessions and their refresh tokens."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from auth_service.app.accounts.models import UserRow
from auth_service.app.database import Base
from auth_service.app.sessions.family import RefreshTokenState, SessionState


class SessionRow(Base):
    """One session; its id is the claim ``sid``.

    A revoked row without ``announced_at`` is in the outbox of revocations.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index("sessions_revoked_at_idx", "revoked_at"),
        Index(
            "sessions_unannounced_idx",
            "revoked_at",
            postgresql_where=text("revoked_at IS NOT NULL AND announced_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(UserRow.id, ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_used_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    user_agent: Mapped[str | None] = mapped_column(Text)
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revocation_reason: Mapped[str | None] = mapped_column(Text)
    announced_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    @property
    def state(self) -> SessionState:
        """The facts that the family rule reads."""
        return SessionState(expires_at=self.expires_at, revoked_at=self.revoked_at)


class DeletedSessionRow(Base):
    """A live session that was deleted, for example with its account.

    A trigger on ``sessions`` inserts these rows, so a deletion by any client is announced.
    """

    __tablename__ = "deleted_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    revoked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    announced_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class RefreshTokenRow(Base):
    """One refresh token, stored as its SHA-256.

    A plain hash is sufficient, unlike for passwords: 256 random bits cannot be guessed.
    ``sealed_successor`` is set when the token is spent.
    """

    __tablename__ = "refresh_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey(SessionRow.id, ondelete="CASCADE"), index=True
    )
    issued_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    spent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    sealed_successor: Mapped[bytes | None] = mapped_column(LargeBinary)

    @property
    def state(self) -> RefreshTokenState:
        """The facts that the family rule reads."""
        return RefreshTokenState(expires_at=self.expires_at, spent_at=self.spent_at)
