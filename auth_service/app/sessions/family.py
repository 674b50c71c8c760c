"""The rule for rotating refresh tokens (RFC 9700 section 4.14.2), as a pure function.

A session owns a family of refresh tokens. Each use of the newest token spends it and issues its
successor. A spent token that is presented again was copied, or its answer was lost. Within a short
leeway, and while the successor is unused, the same successor is returned once more. Any other
reuse revokes the session, because the client and a thief cannot be distinguished.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class RevocationReason(StrEnum):
    """Why a session ended before it expired."""

    SIGNED_OUT = "signed_out"
    TOKEN_REUSED = "token_reused"  # noqa: S105  # a reason, not a secret
    ENDED_BY_OWNER = "ended_by_owner"
    ROLE_REVOKED = "role_revoked"


@dataclass(frozen=True, slots=True)
class SessionState:
    """The facts of a session that the rule reads. Times are aware."""

    expires_at: datetime
    revoked_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Return whether the session is neither expired nor revoked."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class RefreshTokenState:
    """The facts of a stored refresh token that the rule reads."""

    expires_at: datetime
    spent_at: datetime | None = None


class RefreshVerdict(StrEnum):
    """The result of presenting a refresh token."""

    ROTATE = "rotate"  # spend it, issue its successor
    REPLAY = "replay"  # spent within the leeway: return the same successor again
    REVOKE = "revoke"  # spent before: revoke the session
    REFUSE = "refuse"  # expired, or the session has ended


def judge(
    session: SessionState,
    token: RefreshTokenState,
    now: datetime,
    *,
    successor: RefreshTokenState | None = None,
    leeway: timedelta = timedelta(),
) -> RefreshVerdict:
    """Return the verdict on ``token`` presented at ``now``.

    Args:
        session: of the token.
        token: as stored.
        now: the current time.
        successor: the token issued when ``token`` was spent, if it is known.
        leeway: how long after it was spent a token returns its successor again.
    """
    if not session.is_live(now):
        return RefreshVerdict.REFUSE
    if token.spent_at is not None:  # before expiry: reuse of an expired token is still an alarm
        unused = successor is not None and successor.spent_at is None
        if unused and now < token.spent_at + leeway:
            return RefreshVerdict.REPLAY
        return RefreshVerdict.REVOKE
    if now >= token.expires_at:
        return RefreshVerdict.REFUSE
    return RefreshVerdict.ROTATE


def token_expiry(session: SessionState, now: datetime, idle: timedelta) -> datetime:
    """Return the expiry of a token issued now: after ``idle``, never after its session."""
    return min(now + idle, session.expires_at)
