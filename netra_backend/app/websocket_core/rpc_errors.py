"""The table of JSON-RPC error numbers and the mapping from the error tree.

-32700 to -32600 are JSON-RPC 2.0's own (https://www.jsonrpc.org/specification#error_object);
it reserves -32000 to -32099 for servers. Clients match on ``data.code``, the stable code of the
error tree; the number is its coarse class.
"""

from dataclasses import dataclass
from typing import Final

from netra_shared.errors import (
    Conflict,
    DeadlineExceeded,
    Forbidden,
    InvalidRequest,
    NetraError,
    NotFound,
    RateLimited,
    RetryClass,
    Unauthenticated,
    Unavailable,
)


@dataclass(frozen=True, slots=True)
class RpcErrorCode:
    """One error number with its stable name, retry class and meaning."""

    code: int
    name: str
    retry: RetryClass
    meaning: str


PARSE_ERROR: Final = RpcErrorCode(
    -32700, "parse_error", RetryClass.NEVER, "The frame is not JSON in UTF-8."
)
INVALID_REQUEST: Final = RpcErrorCode(
    -32600, "invalid_request", RetryClass.NEVER, "JSON, but not a JSON-RPC 2.0 request with an id."
)
UNKNOWN_METHOD: Final = RpcErrorCode(
    -32601, "unknown_method", RetryClass.NEVER, "The method does not exist."
)
INVALID_PARAMS: Final = RpcErrorCode(
    -32602, "invalid_params", RetryClass.NEVER, "A parameter is missing or invalid; `data.field`."
)
INTERNAL_ERROR: Final = RpcErrorCode(
    -32603, "internal_error", RetryClass.BACKOFF, "A defect of the server; report `data.errorId`."
)
NOT_INITIALIZED: Final = RpcErrorCode(
    -32001, "not_initialized", RetryClass.NEVER, "`initialize` must be the first command, once."
)
THREAD_NOT_FOUND: Final = RpcErrorCode(
    -32002, "thread_not_found", RetryClass.NEVER, "The thread does not exist for this user."
)
RUN_BUSY: Final = RpcErrorCode(
    -32003, "run_busy", RetryClass.BACKOFF, "The thread has an active run and `onBusy` is `reject`."
)
RUN_NOT_FOUND: Final = RpcErrorCode(
    -32004, "run_not_found", RetryClass.NEVER, "The run does not exist for this user."
)
FORBIDDEN: Final = RpcErrorCode(-32005, "forbidden", RetryClass.NEVER, "The user lacks the role.")
RATE_LIMITED: Final = RpcErrorCode(
    -32006, "rate_limited", RetryClass.BACKOFF, "Too many commands; wait `data.retryAfterMs`."
)
TOO_MANY_SUBSCRIPTIONS: Final = RpcErrorCode(
    -32007,
    "too_many_subscriptions",
    RetryClass.NEVER,
    "The connection already has `limits.maxSubscriptions` subscriptions.",
)
TOKEN_INVALID: Final = RpcErrorCode(
    -32008,
    "token_invalid",
    RetryClass.AFTER_REFRESH,
    "The token is invalid, or belongs to another user or session.",
)
UNAVAILABLE: Final = RpcErrorCode(
    -32009,
    "unavailable",
    RetryClass.BACKOFF,
    "A dependency is unavailable, or the instance drains.",
)
MESSAGE_TOO_LARGE: Final = RpcErrorCode(
    -32010, "message_too_large", RetryClass.NEVER, "The message's content exceeds the limit."
)
COMMAND_MISMATCH: Final = RpcErrorCode(
    -32011,
    "command_mismatch",
    RetryClass.NEVER,
    "The command id was already used with other parameters.",
)

RPC_ERRORS: Final = (
    PARSE_ERROR,
    INVALID_REQUEST,
    UNKNOWN_METHOD,
    INVALID_PARAMS,
    INTERNAL_ERROR,
    NOT_INITIALIZED,
    THREAD_NOT_FOUND,
    RUN_BUSY,
    RUN_NOT_FOUND,
    FORBIDDEN,
    RATE_LIMITED,
    TOO_MANY_SUBSCRIPTIONS,
    TOKEN_INVALID,
    UNAVAILABLE,
    MESSAGE_TOO_LARGE,
    COMMAND_MISMATCH,
)
BY_NUMBER: Final = {entry.code: entry for entry in RPC_ERRORS}
BY_NAME: Final = {entry.name: entry for entry in RPC_ERRORS}

_BY_BRANCH: Final[tuple[tuple[type[NetraError], RpcErrorCode], ...]] = (
    (InvalidRequest, INVALID_PARAMS),
    (Unauthenticated, TOKEN_INVALID),
    (Forbidden, FORBIDDEN),
    (NotFound, INVALID_PARAMS),
    (Conflict, INVALID_PARAMS),
    (RateLimited, RATE_LIMITED),
    (Unavailable, UNAVAILABLE),
    (DeadlineExceeded, UNAVAILABLE),
)


def rpc_error_for(error: NetraError) -> RpcErrorCode:
    """Return the number of ``error``: by its code, otherwise by its branch of the error tree."""
    if known := BY_NAME.get(error.code):
        return known
    for branch, code in _BY_BRANCH:
        if isinstance(error, branch):
            return code
    return INTERNAL_ERROR
