"""The rule of rotating refresh tokens (RFC 9700 section 4.14.2), as a pure function.

A session is one sign-in and owns a family of refresh tokens. Each use of the newest token spends
it and makes the next. A token that comes back spent is in two hands, and which of them is the
thief cannot be known: the whole family ends. There is no grace period, because within it a thief
is not distinguishable from a retry; clients therefore refresh one at a time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class RevocationReason(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    TOKEN_REUSED = "token_reused"  # noqa: S105  a reason, no secret
    ENDED_BY_OWNER = "ended_by_owner"
    ROLE_REVOKED = "role_revoked"


@dataclass(frozen=True, slots=True)
class SessionState:
    """What the rule needs of a session. Times are aware."""

    expires_at: datetime
    revoked_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """True until the absolute end or the revocation."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class RefreshTokenState:
    """What the rule needs of a stored refresh token."""

    expires_at: datetime
    spent_at: datetime | None = None


class RefreshVerdict(StrEnum):
    """What a presented refresh token leads to."""

    ROTATE = "rotate"  # spend it, issue the next
    REVOKE = "revoke"  # it was spent before: end the session
    REFUSE = "refuse"  # expired, or the session has ended already


def judge(session: SessionState, token: RefreshTokenState, now: datetime) -> RefreshVerdict:
    """Return what happens when ``token`` is presented at ``now``."""
    if not session.is_live(now):
        return RefreshVerdict.REFUSE
    if token.spent_at is not None:  # before expiry: a spent token stays an alarm when it is old
        return RefreshVerdict.REVOKE
    if now >= token.expires_at:
        return RefreshVerdict.REFUSE
    return RefreshVerdict.ROTATE


def token_expiry(session: SessionState, now: datetime, idle: timedelta) -> datetime:
    """Return when a token issued now ends: after ``idle``, never after its session."""
    return min(now + idle, session.expires_at)
