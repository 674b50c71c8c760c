"""Errors of the identity service.

::

    InvalidRequest ── EmailRefused · PasswordRefused
    Unauthenticated ─ CredentialsRefused · RefreshTokenRefused ─ RefreshTokenReused
    │                 SessionEnded
    Conflict ──────── EmailTaken
    NotFound ──────── SessionNotFound
    RateLimited ───── TooManyAttempts
    Unavailable ───── HashingSaturated · TicketStoreUnavailable · SigningKeyUnavailable
"""

from netra_shared.errors import (
    Conflict,
    InvalidRequest,
    NotFound,
    RateLimited,
    RetryClass,
    Unauthenticated,
    Unavailable,
)


class EmailRefused(InvalidRequest):
    """The text is not a usable email address; ``field`` is ``email``."""

    code = "email_refused"
    title = "Email address refused"


class PasswordRefused(InvalidRequest):
    """The password violates a rule; ``field`` is ``password``, ``rule`` the first violated rule."""

    code = "password_refused"
    title = "Password refused"


class EmailTaken(Conflict):
    """Another account has this address."""

    code = "email_taken"
    title = "Email address already registered"


class CredentialsRefused(Unauthenticated):
    """Wrong address or wrong password; the answer is the same for both."""

    code = "credentials_refused"
    retry = RetryClass.NEVER
    title = "Email address or password wrong"


class SessionEnded(Unauthenticated):
    """The access token is valid, but its session was signed out or has expired."""

    code = "session_ended"
    retry = RetryClass.NEVER
    title = "Session ended"


class RefreshTokenRefused(Unauthenticated):
    """The refresh token is unknown, expired, or its session has ended; sign in again."""

    code = "refresh_token_refused"
    retry = RetryClass.NEVER
    title = "Refresh token refused"


class RefreshTokenReused(RefreshTokenRefused):
    """A spent refresh token was presented again, so the session was revoked."""

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
    """The queue of password hashing is full, or its deadline expired."""

    code = "hashing_saturated"
    title = "Sign-in is busy"


class TicketStoreUnavailable(Unavailable):
    """Valkey, which stores socket tickets, is unavailable."""

    code = "ticket_store_unavailable"
    title = "Ticket store unavailable"


class SigningKeyUnavailable(Unavailable):
    """No signing key is loaded yet."""

    code = "signing_key_unavailable"
    title = "Signing key unavailable"
