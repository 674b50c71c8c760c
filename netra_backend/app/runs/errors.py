"""Errors of runs.

::

    InvalidRequest
    ├── MessageRefused (400)          empty, or its id exists in the thread
    ├── ContextTooLong (400)          the conversation exceeds the model's context
    └── AnswerRefused (400)           not exactly one fitting answer for each interrupt
    NotFound
    ├── RunNotFound (404)             also for the run of another user
    └── NothingToAnswer (404)         no run of the thread is waiting for an answer
    Conflict
    └── CommandMismatch (409)         the command id was used for another command
    Unavailable
    ├── RunCapacityReached (503)      this instance executes its maximum of runs
    ├── RunLost (503)                 the run was lost with its process and cannot be recovered
    ├── StreamLost (503)              events could not be published; the answer is in the history
    ├── ModelUnavailable (503)        the model's service failed
    └── AnswerIncomplete (503)        the model's service ended its answer early
    DeadlineExceeded
    └── RunDeadlineExceeded (504)
    Forbidden
    ├── AnswerFiltered (403)          a content filter withheld the answer
    └── ModelRefused (403)            the model's service refused us: key, quota, content
    RateLimited
    ├── AccountRunsReached (429)      the account has its share of this instance's runs
    ├── ModelQuotaExceeded (429)      the quota of the model's account is used up
    ├── OutputLimitReached (429)      the model used its output limit before it answered
    └── RunLimitReached (429)         one run used more steps or tokens than allowed

The codes of the second half reach clients in ``RUN_ERROR`` events.
"""

from typing import ClassVar

from netra_shared.errors import (
    Conflict,
    DeadlineExceeded,
    Forbidden,
    InvalidRequest,
    NotFound,
    RateLimited,
    RetryClass,
    Unavailable,
)


class MessageRefused(InvalidRequest):
    """The message is empty, or its id exists in this thread."""

    code: ClassVar[str] = "message_refused"
    title: ClassVar[str] = "Message refused"


class AnswerRefused(InvalidRequest):
    """Every interrupt of the paused run requires exactly one answer of the documented form."""

    code: ClassVar[str] = "answer_refused"
    title: ClassVar[str] = "Answer refused"


class NothingToAnswer(NotFound):
    """The thread has no paused run, or it was answered already."""

    code: ClassVar[str] = "nothing_to_answer"
    title: ClassVar[str] = "No run is waiting for an answer"


class RunNotFound(NotFound):
    """There is no such run, or it belongs to another user."""

    code: ClassVar[str] = "run_not_found"
    title: ClassVar[str] = "Run not found"


class CommandMismatch(Conflict):
    """A command id identifies one command; this one was used for another command."""

    code: ClassVar[str] = "command_mismatch"
    title: ClassVar[str] = "Command id used before"


class RunCapacityReached(Unavailable):
    """The instance executes its configured maximum of runs."""

    code: ClassVar[str] = "run_capacity_reached"
    title: ClassVar[str] = "Too many concurrent runs"


class AccountRunsReached(RateLimited):
    """The account has its share of the instance's runs; the others stay free for other accounts."""

    code: ClassVar[str] = "account_runs_reached"
    title: ClassVar[str] = "Too many runs of this account"


class RunLost(Unavailable):
    """The run could not be finished by another instance; send the message again."""

    code: ClassVar[str] = "run_lost"
    title: ClassVar[str] = "The run was lost with its instance"


class StreamLost(Unavailable):
    """Live events could not be delivered; reload the history to see the answer."""

    code: ClassVar[str] = "stream_lost"
    title: ClassVar[str] = "The live stream was lost; reload the thread"


class ModelUnavailable(Unavailable):
    """The model service did not answer, or failed."""

    code: ClassVar[str] = "model_unavailable"
    title: ClassVar[str] = "The model is not available"


class ModelRefused(Forbidden):
    """The model's service refused the request."""

    code: ClassVar[str] = "model_refused"
    title: ClassVar[str] = "The model refused the request"


class RunLimitReached(RateLimited):
    """The run used all the steps, tool calls or tokens that one run may use."""

    code: ClassVar[str] = "run_limit_reached"
    retry: ClassVar[RetryClass] = RetryClass.NEVER
    title: ClassVar[str] = "The run reached its limit"


class RunDeadlineExceeded(DeadlineExceeded):
    """The whole-run deadline passed."""

    code: ClassVar[str] = "run_deadline_exceeded"
    title: ClassVar[str] = "The run took too long"


class ContextTooLong(InvalidRequest):
    """The conversation is longer than the model's context."""

    code: ClassVar[str] = "context_too_long"
    title: ClassVar[str] = "Conversation too long for the model"


class AnswerIncomplete(Unavailable):
    """The model's service ended the stream of its answer early; the partial answer is kept."""

    code: ClassVar[str] = "answer_incomplete"
    title: ClassVar[str] = "The answer is incomplete"


class AnswerFiltered(Forbidden):
    """The content filter of the model's service withheld the answer."""

    code: ClassVar[str] = "answer_filtered"
    title: ClassVar[str] = "The answer was filtered"


class ModelQuotaExceeded(RateLimited):
    """The quota of the model's account is used up; an administrator must raise it."""

    code: ClassVar[str] = "model_quota_exceeded"
    retry: ClassVar[RetryClass] = RetryClass.NEVER
    title: ClassVar[str] = "Model quota exceeded"


class OutputLimitReached(RateLimited):
    """The model used its whole output limit before it answered."""

    code: ClassVar[str] = "output_limit_reached"
    retry: ClassVar[RetryClass] = RetryClass.NEVER
    title: ClassVar[str] = "Output limit reached"
