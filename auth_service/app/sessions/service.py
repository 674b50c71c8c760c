"""Sessions: started by a sign-in, extended by refreshes, ended by sign-out or token reuse."""

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
from auth_service.app.sessions.refresh_tokens import (
    new_refresh_token,
    open_successor,
    refresh_token_hash,
    seal_successor,
)
from auth_service.app.sessions.repository import PresentedToken, SessionRepository
from auth_service.app.tokens.issuer import AccessTokenIssuer
from netra_shared.auth.tokens import Claims
from netra_shared.logging import get_logger

MAX_LISTED = 100  # sessions of one account in one answer; the most recent ones

REFRESHES = Counter("auth_refreshes_total", "Refresh tokens presented, by verdict.", ["verdict"])

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SessionTimes:
    """Lifetimes of sessions and refresh tokens.

    Args:
        session: absolute lifetime of a session.
        refresh_token: lifetime of one refresh token.
        leeway: how long after its use a refresh token returns its successor again.
    """

    session: timedelta
    refresh_token: timedelta
    leeway: timedelta


@dataclass(frozen=True, slots=True)
class Successor:
    """The token issued when a presented token was spent."""

    text: str
    row: RefreshTokenRow


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """The tokens that a sign-in or a refresh returns. Lifetimes are in seconds."""

    access_token: str
    expires_in: int
    refresh_token: str
    refresh_expires_in: int


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The account of a refreshed session and its next tokens."""

    user: UserRow
    tokens: IssuedTokens


class SessionService:
    """Starts, refreshes and ends sessions.

    Args:
        database: contains them.
        issuer: issues access tokens.
        announcer: notifies the other services of revocations.
        times: lifetimes, and the leeway for a repeated refresh.
        clock: the current time.
    """

    def __init__(
        self,
        database: Database,
        issuer: AccessTokenIssuer,
        announcer: RevocationAnnouncer,
        *,
        times: SessionTimes,
        clock: Clock,
    ) -> None:
        self._database = database
        self._issuer = issuer
        self._announcer = announcer
        self._times = times
        self._clock = clock

    async def start_session(
        self, transaction: AsyncSession, user: UserRow, user_agent: str | None
    ) -> IssuedTokens:
        """Start a session within the caller's transaction."""
        now = self._clock()
        session = SessionRow(
            id=uuid4(),
            user_id=user.id,
            created_at=now,
            last_used_at=now,
            expires_at=now + self._times.session,
            user_agent=user_agent,
        )
        transaction.add(session)
        await transaction.flush()
        return self._issue(transaction, session, user, now)

    async def refresh(self, refresh_token: str) -> Refreshed:
        """Spend a refresh token and return the next tokens.

        A token that was spent within the leeway returns its successor again while that is unused:
        the answer was lost, or two requests were sent concurrently.

        Raises:
            RefreshTokenReused: it was spent before; the session was revoked.
            RefreshTokenRefused: unknown, expired, or its session has ended.
            DatabaseUnavailable: nothing was spent.
        """
        async with self._database.transaction() as transaction:
            repository = SessionRepository(transaction)
            found = await repository.presented(refresh_token_hash(refresh_token))
            successor = await _successor(repository, refresh_token, found)
            verdict = self._judge(found, successor)
            REFRESHES.labels(verdict.value if found else "unknown").inc()
            if found and verdict is RefreshVerdict.ROTATE:
                return Refreshed(found.user, self._rotate(transaction, refresh_token, found))
            if found and successor and verdict is RefreshVerdict.REPLAY:
                tokens = self._tokens(found.session, found.user, successor, self._clock())
                return Refreshed(found.user, tokens)
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
            await self._announcer.announce_soon([found.session.id])
            raise RefreshTokenReused(
                "This refresh token was used before, so the session was revoked; sign in again."
            )
        raise RefreshTokenRefused("The refresh token is no longer valid; sign in again.")

    async def sign_out(self, refresh_token: str) -> None:
        """End the session of a refresh token, spent or not; unknown tokens are ignored."""
        async with self._database.transaction() as transaction:
            repository = SessionRepository(transaction)
            session_id = await repository.session_of(refresh_token_hash(refresh_token))
            if session_id is None:
                return
            await repository.revoke(session_id, self._clock(), RevocationReason.SIGNED_OUT)
        await self._announcer.announce_soon([session_id])

    async def require_live(self, claims: Claims) -> UserRow:
        """Return the account of an access token whose session is live.

        Raises:
            SessionEnded: signed out, revoked or expired.
        """
        async with self._database.transaction() as transaction:
            found = await SessionRepository(transaction).find(claims.sid)
        if found is None or not found[0].state.is_live(self._clock()):
            raise SessionEnded("The session of this access token has ended; sign in again.")
        return found[1]

    async def list_live(self, user_id: UUID) -> Sequence[SessionRow]:
        """Return the live sessions of an account, last used first, at most ``MAX_LISTED``."""
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
        await self._announcer.announce_soon([session_id])

    def _judge(self, found: PresentedToken | None, successor: Successor | None) -> RefreshVerdict:
        if found is None:
            return RefreshVerdict.REFUSE
        return judge(
            found.session.state,
            found.token.state,
            self._clock(),
            successor=successor.row.state if successor else None,
            leeway=self._times.leeway,
        )

    def _rotate(
        self, transaction: AsyncSession, refresh_token: str, found: PresentedToken
    ) -> IssuedTokens:
        now = self._clock()
        tokens = self._issue(transaction, found.session, found.user, now)
        found.token.spent_at = now
        found.token.sealed_successor = seal_successor(refresh_token, tokens.refresh_token)
        found.session.last_used_at = now
        return tokens

    def _issue(
        self, transaction: AsyncSession, session: SessionRow, user: UserRow, now: datetime
    ) -> IssuedTokens:
        text = new_refresh_token()
        row = RefreshTokenRow(
            token_hash=refresh_token_hash(text),
            session_id=session.id,
            issued_at=now,
            expires_at=token_expiry(session.state, now, self._times.refresh_token),
        )
        transaction.add(row)
        return self._tokens(session, user, Successor(text, row), now)

    def _tokens(
        self, session: SessionRow, user: UserRow, refresh_token: Successor, now: datetime
    ) -> IssuedTokens:
        """Return a new access token with a stored refresh token."""
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
            refresh_token=refresh_token.text,
            refresh_expires_in=int((refresh_token.row.expires_at - now).total_seconds()),
        )


async def _successor(
    repository: SessionRepository, presented: str, found: PresentedToken | None
) -> Successor | None:
    """Return the successor of a spent token, if the presented text decrypts it."""
    if found is None or found.token.sealed_successor is None:
        return None
    text = open_successor(presented, found.token.sealed_successor)
    row = await repository.token(refresh_token_hash(text)) if text else None
    return Successor(text, row) if text and row else None
