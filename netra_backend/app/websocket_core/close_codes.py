"""The table of close codes (RFC 6455 section 7.4).

``docs/protocol.md`` and ``netra_client/codes.py`` are generated from it by
``scripts/generate_protocol.py``. 1011 is absent on purpose: a client cannot derive an action
from it, so the gateway never sends it.
"""

from dataclasses import dataclass
from typing import Final

from netra_shared.errors import (
    Forbidden,
    InvalidRequest,
    NetraError,
    NotFound,
    RateLimited,
    RetryClass,
    Unauthenticated,
    Unavailable,
)

MAX_REASON_BYTES: Final = 123  # RFC 6455 section 5.5: 125 bytes of payload less the code


@dataclass(frozen=True, slots=True)
class CloseCode:
    """One close code.

    ``retry`` is the client's next action: reconnect now, after a backoff with jitter, after a
    refresh of the access token, or never.
    """

    code: int
    name: str
    retry: RetryClass
    meaning: str


NORMAL: Final = CloseCode(
    1000, "normal", RetryClass.NEVER, "Either side closed the connection without an error."
)
FRAME_TOO_LARGE: Final = CloseCode(
    1009, "frame_too_large", RetryClass.NEVER, "A frame exceeded `limits.maxFrameBytes`."
)
SERVICE_RESTART: Final = CloseCode(
    1012,
    "service_restart",
    RetryClass.NOW,
    "The instance shuts down; reconnect after the announced `reconnectAfterMs`.",
)
BAD_HANDSHAKE: Final = CloseCode(
    4400,
    "bad_handshake",
    RetryClass.NEVER,
    "The handshake or a frame violated the protocol; the reason names the rule.",
)
UNAUTHENTICATED: Final = CloseCode(
    4401,
    "unauthenticated",
    RetryClass.AFTER_REFRESH,
    "No valid credential: absent, malformed, forged, expired, or a used ticket.",
)
FORBIDDEN: Final = CloseCode(
    4403, "forbidden", RetryClass.NEVER, "The origin or the user is not allowed."
)
INITIALIZE_TIMEOUT: Final = CloseCode(
    4408,
    "initialize_timeout",
    RetryClass.BACKOFF,
    "`initialize` did not arrive within the deadline after the upgrade.",
)
SESSION_REVOKED: Final = CloseCode(
    4410, "session_revoked", RetryClass.NEVER, "The user signed out, or the session was revoked."
)
IDLE_TIMEOUT: Final = CloseCode(
    4412,
    "idle_timeout",
    RetryClass.NOW,
    "Neither side sent anything for the idle timeout, or the client did not answer a ping.",
)
SLOW_CONSUMER: Final = CloseCode(
    4413,
    "slow_consumer",
    RetryClass.NOW,
    "The client read slower than events arrived; resume from the last position.",
)
MAX_AGE: Final = CloseCode(
    4414, "max_age", RetryClass.NOW, "The connection reached its announced maximum age."
)
TOKEN_EXPIRED: Final = CloseCode(
    4419,
    "token_expired",
    RetryClass.AFTER_REFRESH,
    "The access token expired on an open connection without a `token.refresh`.",
)
TOO_MANY_CONNECTIONS: Final = CloseCode(
    4429,
    "too_many_connections",
    RetryClass.BACKOFF,
    "Too many connections of the user, of the address or on the instance; too many frames.",
)
INTERNAL_ERROR: Final = CloseCode(
    4500,
    "internal_error",
    RetryClass.BACKOFF,
    "A defect of the server; the reason is `error_id=<id>`, the key of its log record.",
)
UNAVAILABLE: Final = CloseCode(
    4503,
    "unavailable",
    RetryClass.BACKOFF,
    "The instance is unavailable, or a stream lost its continuity; reconnect and resume.",
)

CLOSE_CODES: Final = (
    NORMAL,
    FRAME_TOO_LARGE,
    SERVICE_RESTART,
    BAD_HANDSHAKE,
    UNAUTHENTICATED,
    FORBIDDEN,
    INITIALIZE_TIMEOUT,
    SESSION_REVOKED,
    IDLE_TIMEOUT,
    SLOW_CONSUMER,
    MAX_AGE,
    TOKEN_EXPIRED,
    TOO_MANY_CONNECTIONS,
    INTERNAL_ERROR,
    UNAVAILABLE,
)
BY_NUMBER: Final = {entry.code: entry for entry in CLOSE_CODES}
BY_NAME: Final = {entry.name: entry for entry in CLOSE_CODES}

_BY_BRANCH: Final[tuple[tuple[type[NetraError], CloseCode], ...]] = (
    (InvalidRequest, BAD_HANDSHAKE),
    (Unauthenticated, UNAUTHENTICATED),
    (Forbidden, FORBIDDEN),
    (NotFound, FORBIDDEN),
    (RateLimited, TOO_MANY_CONNECTIONS),
    (Unavailable, UNAVAILABLE),
)


def close_code_for(error: NetraError) -> CloseCode:
    """Return the close code of ``error``'s branch of the error tree."""
    for branch, close_code in _BY_BRANCH:
        if isinstance(error, branch):
            return close_code
    return INTERNAL_ERROR


def refusal_reason(error: NetraError) -> str:
    """Return the close reason of a refused handshake: the error code and its hint, if any.

    ``admission_deferred retryAfterMs=1834``; a browser exposes only the close frame.
    """
    if error.retry_after is None:
        return close_reason(error.code)
    return close_reason(f"{error.code} retryAfterMs={round(error.retry_after * 1000)}")


def close_reason(text: str) -> str:
    """Return ``text`` truncated to the size of a close reason, on a character boundary."""
    return text.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
