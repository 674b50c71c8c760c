"""Maps the exception that ended a run to an error of the tree with a safe text.

The text of a foreign exception can contain prompts, keys or internal addresses, so clients never
receive it: the log records it with an id, and clients receive the id.
"""

from uuid import uuid4

from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelHTTPError,
    RunTimedOut,
    UnexpectedModelBehavior,
    UsageLimitExceeded,
)

from netra_backend.app.runs.errors import (
    ModelRefused,
    ModelUnavailable,
    RunDeadlineExceeded,
    RunLimitReached,
)
from netra_shared.errors import InternalError, NetraError
from netra_shared.logging import get_logger

_log = get_logger(__name__)

_SERVER_ERRORS = 500
_RETRYABLE_REFUSALS = {408, 409, 425, 429}


def explain_failure(error: BaseException) -> NetraError:
    """Return the error for clients; the original is logged."""
    if isinstance(error, NetraError):
        return error
    error_id = uuid4().hex
    failure = _classify(error, error_id)
    _log.warning(
        "run failed",
        code=failure.code,
        error_id=error_id,
        error_type=type(error).__name__,
        # Only our own defects need a stack trace; a provider's 503 does not.
        exc_info=error if isinstance(failure, InternalError) else None,
    )
    return failure


def _classify(error: BaseException, error_id: str) -> NetraError:
    quote = f"Quote the id {error_id} when you report it."
    if isinstance(error, RunTimedOut | TimeoutError):
        return RunDeadlineExceeded(f"The run was ended at its deadline. {quote}")
    if isinstance(error, UsageLimitExceeded):
        return RunLimitReached(f"The run was ended at its limit of steps or tokens. {quote}")
    if isinstance(error, ModelHTTPError):
        return _http_failure(error.status_code, quote)
    if isinstance(error, ModelAPIError):
        return ModelUnavailable(f"The model's service did not answer. {quote}")
    if isinstance(error, UnexpectedModelBehavior):
        return ModelUnavailable(f"The model's answer could not be used. {quote}")
    return InternalError(f"The run failed unexpectedly. {quote}")


def _http_failure(status: int, quote: str) -> NetraError:
    answered = f"The model's service answered {status}. {quote}"
    if status >= _SERVER_ERRORS or status in _RETRYABLE_REFUSALS:
        return ModelUnavailable(answered)
    return ModelRefused(answered)
