"""Close codes of the socket and what a client may do after each."""

from dataclasses import dataclass
from enum import StrEnum


class RetryClass(StrEnum):
    """What a client may do with a failure."""

    NOW = "now"
    BACKOFF = "backoff"
    AFTER_REFRESH = "after-refresh"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class CloseCode:
    """One row of the table in docs/protocol.md."""

    code: int
    name: str
    retry: RetryClass


PROTOCOL_VERSION = 1

CLOSE_CODES = {
    row.code: row
    for row in (
        CloseCode(1000, "normal", RetryClass.NEVER),
        CloseCode(1009, "frame_too_large", RetryClass.NEVER),
        CloseCode(1012, "service_restart", RetryClass.NOW),
        CloseCode(4400, "bad_handshake", RetryClass.NEVER),
        CloseCode(4401, "unauthenticated", RetryClass.AFTER_REFRESH),
        CloseCode(4403, "forbidden", RetryClass.NEVER),
        CloseCode(4408, "initialize_timeout", RetryClass.BACKOFF),
        CloseCode(4410, "session_revoked", RetryClass.NEVER),
        CloseCode(4412, "idle_timeout", RetryClass.NOW),
        CloseCode(4413, "slow_consumer", RetryClass.NOW),
        CloseCode(4414, "max_age", RetryClass.NOW),
        CloseCode(4419, "token_expired", RetryClass.AFTER_REFRESH),
        CloseCode(4429, "too_many_connections", RetryClass.BACKOFF),
        CloseCode(4500, "internal_error", RetryClass.BACKOFF),
        CloseCode(4503, "unavailable", RetryClass.BACKOFF),
    )
}
