"""The error tree.

Every error that Netra raises on purpose is a ``NetraError``::

    NetraError
    ├── InvalidRequest (400)      ├── RateLimited (429)
    ├── Unauthenticated (401)     ├── InternalError (500)
    │   ├── TokenInvalid          ├── Unavailable (503)
    │   ├── TokenExpired          │   └── DatabaseUnavailable
    │   └── SessionRevoked        ├── DeadlineExceeded (504)
    ├── Forbidden (403)           └── ConfigurationError (exit 78, never HTTP)
    │   └── OriginForbidden
    ├── NotFound (404)
    └── Conflict (409)

A package subclasses one of these branches in its own ``errors.py`` and gives the subclass a
``code``. Clients and dashboards match on codes: each code belongs to one class, which
``netra check --only error-codes`` enforces, and a released code is not renamed. An error that
two packages raise is defined here.
"""

from enum import StrEnum
from typing import ClassVar

JsonScalar = str | int | float | bool | None


class RetryClass(StrEnum):
    """When a client may repeat a failed request."""

    NOW = "now"
    BACKOFF = "backoff"
    AFTER_REFRESH = "after-refresh"
    NEVER = "never"


class NetraError(Exception):
    """Base of the tree.

    Args:
        detail: what happened, the value, and the remedy; safe to show to a client.
        retry_after: seconds after which a retry can succeed, if known.
        fields: further machine-readable facts, members of the problem document.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    retry: ClassVar[RetryClass] = RetryClass.NEVER
    title: ClassVar[str] = "Error"

    _by_code: ClassVar[dict[str, type["NetraError"]]] = {}

    def __init_subclass__(cls, **options: object) -> None:
        """Register the class under its code; a class without its own code only groups others."""
        super().__init_subclass__(**options)
        if "code" in vars(cls):
            NetraError._by_code.setdefault(cls.code, cls)

    @classmethod
    def class_of(cls, code: str) -> type["NetraError"] | None:
        """Return the class of ``code``; None when no imported module defines it."""
        return cls._by_code.get(code)

    def __init__(
        self, detail: str = "", *, retry_after: float | None = None, **fields: JsonScalar
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.retry_after = retry_after
        self.fields = fields


class InvalidRequest(NetraError):
    """The request is invalid; repeating it cannot succeed."""

    code = "invalid_request"
    status = 400
    title = "Invalid request"


class MessageTooLarge(InvalidRequest):
    """The message exceeds the size limit of one message."""

    code = "message_too_large"
    status = 413
    title = "Message too large"


class Unauthenticated(NetraError):
    """The request has no valid credential."""

    code = "unauthenticated"
    status = 401
    retry = RetryClass.AFTER_REFRESH
    title = "Authentication required"


class TokenInvalid(Unauthenticated):
    """The access token is malformed, forged, or issued for another service."""

    code = "token_invalid"
    title = "Access token invalid"


class TokenExpired(Unauthenticated):
    """The access token has expired; refresh it."""

    code = "token_expired"
    title = "Access token expired"


class SessionRevoked(Unauthenticated):
    """The session was signed out or revoked; a refresh of its token fails as well."""

    code = "session_revoked"
    retry = RetryClass.NEVER
    title = "Session revoked"


class Forbidden(NetraError):
    """The caller is authenticated and lacks the permission."""

    code = "forbidden"
    status = 403
    title = "Not allowed"


class OriginForbidden(Forbidden):
    """``Origin`` is not exactly one of the configured origins."""

    code = "origin_forbidden"
    title = "Origin not allowed"


class NotFound(NetraError):
    """The object does not exist or belongs to another user; both look the same."""

    code = "not_found"
    status = 404
    title = "Not found"


class MessageNotFound(NotFound):
    """The thread has no such message."""

    code = "message_not_found"
    title = "Message not found"


class Conflict(NetraError):
    """The request conflicts with the current state."""

    code = "conflict"
    status = 409
    title = "Conflict"


class RunBusy(Conflict):
    """The thread has an active run; cancel it, wait for it, or send ``onBusy: interrupt``."""

    code = "run_busy"
    retry = RetryClass.BACKOFF
    title = "The thread has an active run"


class RateLimited(NetraError):
    """Too many requests; the next one is accepted after ``retry_after``."""

    code = "rate_limited"
    status = 429
    retry = RetryClass.BACKOFF
    title = "Too many requests"


class InternalError(NetraError):
    """A defect of the server. The client gets an error id, the log has the details."""

    code = "internal_error"
    status = 500
    retry = RetryClass.BACKOFF
    title = "Internal error"


class Unavailable(NetraError):
    """A dependency or the whole instance is temporarily unavailable."""

    code = "unavailable"
    status = 503
    retry = RetryClass.BACKOFF
    title = "Temporarily unavailable"


class DatabaseUnavailable(Unavailable):
    """PostgreSQL refused, did not answer within its deadline, or closed the session."""

    code = "database_unavailable"
    title = "Database unavailable"


class Draining(Unavailable):
    """The instance is shutting down; another one accepts the request."""

    code = "draining"
    retry = RetryClass.NOW
    title = "Instance is shutting down"


class DeadlineExceeded(NetraError):
    """A named deadline expired."""

    code = "deadline_exceeded"
    status = 504
    retry = RetryClass.BACKOFF
    title = "Deadline exceeded"


class ConfigurationError(NetraError):
    """The process cannot start as configured. ``problems`` lists every problem."""

    code = "configuration_error"
    title = "Configuration refused"
    exit_code: ClassVar[int] = 78  # EX_CONFIG of sysexits.h

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"{len(problems)} problem(s) in the configuration:\n{lines}")
