"""The errors of the identity service.

::

    InvalidRequest ── EmailRefused · PasswordRefused
    Unauthenticated ─ CredentialsRefused · RefreshTokenRefused ─ RefreshTokenReused
    │                 SessionEnded
    Forbidden ─────── OriginForbidden
    Conflict ──────── EmailTaken
    NotFound ──────── SessionNotFound
    RateLimited ───── TooManyAttempts
    Unavailable ───── HashingSaturated · DatabaseUnavailable · TicketStoreUnavailable
                      SigningKeyUnavailable
"""

from netra_shared.errors import (
    Conflict,
    Forbidden,
    InvalidRequest,
    NotFound,
    RateLimited,
    RetryClass,
    Unauthenticated,
    Unavailable,
)


class EmailRefused(InvalidRequest):
    """The address cannot be an account's name; ``field`` is ``email``."""

    code = "email_refused"
    title = "Email address refused"


class PasswordRefused(InvalidRequest):
    """The password breaks a rule; ``field`` is ``password`` and ``rule`` names the first."""

    code = "password_refused"
    title = "Password refused"


class OriginForbidden(Forbidden):
    """A request with cookies that does not come from a page of ours."""

    code = "origin_forbidden"
    title = "Origin not allowed"


class EmailTaken(Conflict):
    """Another account has this address."""

    code = "email_taken"
    title = "Email address already registered"


class CredentialsRefused(Unauthenticated):
    """Wrong address or wrong password; the two are never told apart."""

    code = "credentials_refused"
    retry = RetryClass.NEVER
    title = "Email address or password wrong"


class SessionEnded(Unauthenticated):
    """The access token is in order but its session has been signed out or has expired."""

    code = "session_ended"
    retry = RetryClass.NEVER
    title = "Session ended"


class RefreshTokenRefused(Unauthenticated):
    """The refresh token is unknown, expired, or of a session that has ended: sign in again."""

    code = "refresh_token_refused"
    retry = RetryClass.NEVER
    title = "Refresh token refused"


class RefreshTokenReused(RefreshTokenRefused):
    """A spent refresh token came back, so its whole family has been revoked."""

    code = "refresh_token_reused"
    title = "Refresh token already used"


class SessionNotFound(NotFound):
    """The caller has no session with this id."""

    code = "session_not_found"
    title = "Session not found"


class TooManyAttempts(RateLimited):
    """A rate limit of this service is exhausted; ``limit`` names it."""

    code = "too_many_attempts"
    title = "Too many attempts"


class HashingSaturated(Unavailable):
    """More passwords are waiting to be hashed than can be within the deadline."""

    code = "hashing_saturated"
    title = "Sign-in is busy"


class DatabaseUnavailable(Unavailable):
    """PostgreSQL refused, or did not answer within its deadline."""

    code = "database_unavailable"
    title = "Account store unavailable"


class TicketStoreUnavailable(Unavailable):
    """Valkey, which keeps socket tickets, does not answer."""

    code = "ticket_store_unavailable"
    title = "Ticket store unavailable"


class SigningKeyUnavailable(Unavailable):
    """No signing key has been loaded yet."""

    code = "signing_key_unavailable"
    title = "Signing key unavailable"
