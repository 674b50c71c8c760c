"""Maps the exception that ended a run to an error of the tree with a safe text.

The text of a foreign exception can contain prompts, keys or internal addresses, so clients never
receive it: the log records it with an id, and clients receive the id.
"""

from uuid import uuid4

import httpx2
from pydantic_ai.exceptions import (
    ContentFilterError,
    IncompleteToolCall,
    ModelAPIError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelQuotaExceededError,
    OutputTokenLimitExceeded,
    RunTimedOut,
    UnexpectedModelBehavior,
    UsageLimitExceeded,
)

from netra_backend.app.agents.sse_filter import StreamEndedEarly
from netra_backend.app.runs.errors import (
    AnswerFiltered,
    AnswerIncomplete,
    ContextTooLong,
    ModelQuotaExceeded,
    ModelRefused,
    ModelUnavailable,
    OutputLimitReached,
    RunDeadlineExceeded,
    RunLimitReached,
)
from netra_shared.errors import InternalError, NetraError
from netra_shared.logging import get_logger

_log = get_logger(__name__)

# The first match counts, so the specific classes precede their bases.
_CAUSES: tuple[tuple[type[BaseException], type[NetraError], str], ...] = (
    (RunTimedOut, RunDeadlineExceeded, "The run exceeded its deadline."),
    (TimeoutError, RunDeadlineExceeded, "The run exceeded its deadline."),
    (UsageLimitExceeded, RunLimitReached, "The run reached its limit of steps or tokens."),
    (
        ModelContextWindowExceededError,
        ContextTooLong,
        (
            "The conversation is longer than the model's context; start a new thread, or shorten "
            "the message."
        ),
    ),
    (
        ModelQuotaExceededError,
        ModelQuotaExceeded,
        "The quota of the model's account is used up; an administrator must raise it.",
    ),
    (
        IncompleteToolCall,
        OutputLimitReached,
        "The model reached its output limit inside a tool call; ask for a shorter answer.",
    ),
    (
        OutputTokenLimitExceeded,
        OutputLimitReached,
        (
            "The model used its whole output limit before it answered, usually for reasoning; ask "
            "a simpler question."
        ),
    ),
    (
        ContentFilterError,
        AnswerFiltered,
        "The content filter of the model's service withheld the answer.",
    ),
)
_SERVER_ERRORS = 500
_RETRYABLE_REFUSALS = {408, 409, 425, 429}


def explain_failure(error: BaseException) -> NetraError:
    """Return the error for clients; the original is logged.

    Of a group the first error that is not a defect counts: the others are its consequences.
    """
    if isinstance(error, BaseExceptionGroup):
        found = [explain_failure(one) for one in error.exceptions]
        return next((one for one in found if not isinstance(one, InternalError)), found[0])
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
    for kind, failure, text in _CAUSES:
        if isinstance(error, kind):
            return failure(f"{text} {quote}")
    if _caused_by(error, StreamEndedEarly):
        return AnswerIncomplete(f"The model's service ended its answer early. {quote}")
    if isinstance(error, ModelHTTPError):
        return _http_failure(error.status_code, quote)
    if isinstance(error, UnexpectedModelBehavior) or _caused_by(error, httpx2.DecodingError):
        return ModelUnavailable(f"The model's answer could not be used. {quote}")
    if isinstance(error, ModelAPIError):
        return ModelUnavailable(f"The model's service did not answer. {quote}")
    return InternalError(f"The run failed unexpectedly. {quote}")


def _caused_by(error: BaseException, kind: type[BaseException]) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, kind):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _http_failure(status: int, quote: str) -> NetraError:
    answered = f"The model's service answered with status {status}. {quote}"
    if status >= _SERVER_ERRORS or status in _RETRYABLE_REFUSALS:
        return ModelUnavailable(answered)
    return ModelRefused(answered)
