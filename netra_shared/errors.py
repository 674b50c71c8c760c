"""The one error tree.

Every error that Netra raises on purpose is a ``NetraError``::

    NetraError
    ├── InvalidRequest (400)      ├── RateLimited (429)
    ├── Unauthenticated (401)     ├── InternalError (500)
    │   ├── TokenInvalid          ├── Unavailable (503)
    │   └── TokenExpired          ├── DeadlineExceeded (504)
    ├── Forbidden (403)           └── ConfigurationError (exit 78, never HTTP)
    ├── NotFound (404)
    ├── Conflict (409)

A room subclasses one of these branches in its own ``errors.py`` and gives the subclass a
``code``. Codes are an interface: clients and dashboards match on them, so a code is never
reused or renamed.
"""

from enum import StrEnum
from typing import ClassVar

JsonScalar = str | int | float | bool | None


class RetryClass(StrEnum):
    """What a client may do with a failure."""

    NOW = "now"
    BACKOFF = "backoff"
    AFTER_REFRESH = "after-refresh"
    NEVER = "never"


class NetraError(Exception):
    """Base of the tree.

    Args:
        detail: what happened, for the person who reads it; safe to show to a client.
        retry_after: seconds after which a retry can succeed, when that is known.
        fields: further machine-readable facts; they become members of the problem document.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    retry: ClassVar[RetryClass] = RetryClass.NEVER
    title: ClassVar[str] = "Error"

    def __init__(
        self, detail: str = "", *, retry_after: float | None = None, **fields: JsonScalar
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.retry_after = retry_after
        self.fields = fields


class InvalidRequest(NetraError):
    """The request is wrong in itself; sending it again changes nothing."""

    code = "invalid_request"
    status = 400
    title = "Invalid request"


class Unauthenticated(NetraError):
    """No valid credential came with the request."""

    code = "unauthenticated"
    status = 401
    retry = RetryClass.AFTER_REFRESH
    title = "Authentication required"


class TokenInvalid(Unauthenticated):
    """The access token is malformed, forged, or not meant for this service."""

    code = "token_invalid"
    title = "Access token invalid"


class TokenExpired(Unauthenticated):
    """The access token was valid once; a refreshed one will be accepted."""

    code = "token_expired"
    title = "Access token expired"


class Forbidden(NetraError):
    """The caller is known and may not do this."""

    code = "forbidden"
    status = 403
    title = "Not allowed"


class NotFound(NetraError):
    """There is no such thing, or not for this caller; the two are never told apart."""

    code = "not_found"
    status = 404
    title = "Not found"


class Conflict(NetraError):
    """The request contradicts the present state."""

    code = "conflict"
    status = 409
    title = "Conflict"


class RateLimited(NetraError):
    """Too many requests; ``retry_after`` says when the next one is welcome."""

    code = "rate_limited"
    status = 429
    retry = RetryClass.BACKOFF
    title = "Too many requests"


class InternalError(NetraError):
    """A defect of ours. The client sees the error id, the log has the rest."""

    code = "internal_error"
    status = 500
    retry = RetryClass.BACKOFF
    title = "Internal error"


class Unavailable(NetraError):
    """A dependency or the whole instance cannot serve at present."""

    code = "unavailable"
    status = 503
    retry = RetryClass.BACKOFF
    title = "Temporarily unavailable"


class DeadlineExceeded(NetraError):
    """A named deadline passed."""

    code = "deadline_exceeded"
    status = 504
    retry = RetryClass.BACKOFF
    title = "Deadline exceeded"


class ConfigurationError(NetraError):
    """The process cannot start as configured. ``problems`` lists everything wrong at once."""

    code = "configuration_error"
    title = "Configuration refused"
    exit_code: ClassVar[int] = 78  # EX_CONFIG of sysexits.h

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"{len(problems)} problem(s) in the configuration:\n{lines}")
