"""Sessions: begun by a sign-in, carried on by refreshing, ended by sign-out or reuse."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncSession

from auth_service.app.accounts.models import UserRow
from auth_service.app.clock import Clock
from auth_service.app.database import Database
from auth_service.app.errors import (
    RefreshTokenRefused,
    RefreshTokenReused,
    SessionEnded,
    SessionNotFound,
)
from auth_service.app.sessions.announcements import RevocationAnnouncer
from auth_service.app.sessions.family import RefreshVerdict, RevocationReason, judge, token_expiry
from auth_service.app.sessions.models import RefreshTokenRow, SessionRow
from auth_service.app.sessions.refresh_tokens import new_refresh_token, refresh_token_hash
from auth_service.app.sessions.repository import PresentedToken, SessionRepository
from auth_service.app.tokens.issuer import AccessTokenIssuer
from netra_shared.auth.tokens import Claims
from netra_shared.logging import get_logger

MAX_LISTED = 100  # sessions of one account in one answer; the most recent ones

REFRESHES = Counter("auth_refreshes_total", "Refresh tokens presented, by verdict.", ["verdict"])

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """What a sign-in or a refresh hands out. Lives are in seconds."""

    access_token: str
    expires_in: int
    refresh_token: str
    refresh_expires_in: int


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Whose session went on, and its next pair."""

    user: UserRow
    tokens: IssuedTokens


class SessionService:
    """The life of sessions.

    Args:
        database: holds them.
        issuer: makes access tokens.
        announcer: tells the other services of ends.
        session_life: absolute life of a session.
        refresh_life: life of one refresh token.
        clock: the present time.
    """

    def __init__(
        self,
        database: Database,
        issuer: AccessTokenIssuer,
        announcer: RevocationAnnouncer,
        *,
        session_life: timedelta,
        refresh_life: timedelta,
        clock: Clock,
    ) -> None:
        self._database = database
        self._issuer = issuer
        self._announcer = announcer
        self._session_life = session_life
        self._refresh_life = refresh_life
        self._clock = clock

    async def begin(
        self, transaction: AsyncSession, user: UserRow, user_agent: str | None
    ) -> IssuedTokens:
        """Begin a session within the caller's transaction."""
        now = self._clock()
        session = SessionRow(
            id=uuid4(),
            user_id=user.id,
            created_at=now,
            last_used_at=now,
            expires_at=now + self._session_life,
            user_agent=user_agent,
        )
        transaction.add(session)
        await transaction.flush()
        return self._issue(transaction, session, user, now)

    async def refresh(self, refresh_token: str) -> Refreshed:
        """Spend a refresh token and hand out the next pair.

        Raises:
            RefreshTokenReused: it was spent before; the session has been ended.
            RefreshTokenRefused: unknown, expired, or its session has ended.
            DatabaseUnavailable: nothing was spent.
        """
        async with self._database.transaction() as transaction:
            repository = SessionRepository(transaction)
            found = await repository.presented(refresh_token_hash(refresh_token))
            verdict = self._judge(found)
            REFRESHES.labels(verdict.value if found else "unknown").inc()
            if found and verdict is RefreshVerdict.ROTATE:
                return Refreshed(found.user, self._rotate(transaction, found))
            if found and verdict is RefreshVerdict.REVOKE:
                await repository.revoke(
                    found.session.id, self._clock(), RevocationReason.TOKEN_REUSED
                )
        if found and verdict is RefreshVerdict.REVOKE:
            _log.warning(
                "refresh token reused, session revoked",
                session_id=str(found.session.id),
                user_id=str(found.user.id),
            )
            await self._announcer.deliver_soon()
            raise RefreshTokenReused(
                "This refresh token was used before, so the session has been ended; sign in again."
            )
        raise RefreshTokenRefused("The refresh token is not valid any more; sign in again.")

    async def sign_out(self, refresh_token: str) -> None:
        """End the session of a refresh token, spent or not; unknown ones are ignored."""
        async with self._database.transaction() as transaction:
            repository = SessionRepository(transaction)
            found = await repository.presented(refresh_token_hash(refresh_token))
            if found is None:
                return
            await repository.revoke(found.session.id, self._clock(), RevocationReason.SIGNED_OUT)
        await self._announcer.deliver_soon()

    async def require_live(self, claims: Claims) -> UserRow:
        """Return the account of an access token whose session is live.

        Raises:
            SessionEnded: signed out, revoked or past its absolute life.
        """
        async with self._database.transaction() as transaction:
            found = await SessionRepository(transaction).find(claims.sid)
        if found is None or not found[0].state.is_live(self._clock()):
            raise SessionEnded("The session of this access token has ended; sign in again.")
        return found[1]

    async def list_live(self, user_id: UUID) -> Sequence[SessionRow]:
        """Return an account's live sessions, last used first, at most ``MAX_LISTED``."""
        async with self._database.transaction() as transaction:
            return await SessionRepository(transaction).live_of(user_id, self._clock(), MAX_LISTED)

    async def end(self, user_id: UUID, session_id: UUID) -> None:
        """End one of an account's sessions.

        Raises:
            SessionNotFound: no live session of this account has this id.
        """
        async with self._database.transaction() as transaction:
            repository = SessionRepository(transaction)
            found = await repository.find(session_id)
            owned = found is not None and found[0].user_id == user_id
            ended = owned and await repository.revoke(
                session_id, self._clock(), RevocationReason.ENDED_BY_OWNER
            )
        if not ended:
            raise SessionNotFound("You have no live session with this id.")
        await self._announcer.deliver_soon()

    def _judge(self, found: PresentedToken | None) -> RefreshVerdict:
        if found is None:
            return RefreshVerdict.REFUSE
        return judge(found.session.state, found.token.state, self._clock())

    def _rotate(self, transaction: AsyncSession, found: PresentedToken) -> IssuedTokens:
        now = self._clock()
        found.token.spent_at = now
        found.session.last_used_at = now
        return self._issue(transaction, found.session, found.user, now)

    def _issue(
        self, transaction: AsyncSession, session: SessionRow, user: UserRow, now: datetime
    ) -> IssuedTokens:
        refresh_token = new_refresh_token()
        expires_at = token_expiry(session.state, now, self._refresh_life)
        transaction.add(
            RefreshTokenRow(
                token_hash=refresh_token_hash(refresh_token),
                session_id=session.id,
                issued_at=now,
                expires_at=expires_at,
            )
        )
        access = self._issuer.issue(
            user_id=user.id,
            session_id=session.id,
            session_expires_at=session.expires_at,
            roles=user.roles,
            now=now,
        )
        return IssuedTokens(
            access_token=access.text,
            expires_in=access.expires_in,
            refresh_token=refresh_token,
            refresh_expires_in=int((expires_at - now).total_seconds()),
        )
