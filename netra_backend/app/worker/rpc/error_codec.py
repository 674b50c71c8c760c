"""Errors of the tree as values that cross the process boundary.

An error crosses as its code, status, retry class and detail. The receiver looks up the class by
its code. When it has not imported that class, the error gets the class of its status and keeps
its own code, status and retry class.
"""

from typing import Final

from netra_backend.app.worker.rpc.messages import Failure
from netra_shared.errors import (
    ConfigurationError,
    Conflict,
    DeadlineExceeded,
    Forbidden,
    InternalError,
    InvalidRequest,
    NetraError,
    NotFound,
    RateLimited,
    RetryClass,
    Unauthenticated,
    Unavailable,
)

_BY_STATUS: Final[dict[int, type[NetraError]]] = {
    branch.status: branch
    for branch in (
        InvalidRequest,
        Unauthenticated,
        Forbidden,
        NotFound,
        Conflict,
        RateLimited,
        InternalError,
        Unavailable,
        DeadlineExceeded,
    )
}


def failure_of(call_id: int, error: NetraError) -> Failure:
    """Return the message that transfers ``error``."""
    return Failure(
        id=call_id,
        code=error.code,
        status=error.status,
        retry=error.retry.value,
        detail=error.detail,
        retry_after=error.retry_after,
        fields=error.fields if type(error) is not ConfigurationError else {},
    )


def error_of(failure: Failure) -> NetraError:
    """Return the error of ``failure``, ready to be raised."""
    kind = NetraError.class_of(failure.code) or _unknown(failure)
    # Skip the constructors of subclasses, which may take other arguments.
    error = kind.__new__(kind)
    NetraError.__init__(error, failure.detail, retry_after=failure.retry_after, **failure.fields)
    return error


def _unknown(failure: Failure) -> type[NetraError]:
    """Return a class for a code that this process does not define; it is not registered."""
    branch = _BY_STATUS.get(failure.status)
    if branch is None:
        branch = InvalidRequest if failure.status < InternalError.status else InternalError
    error: type[NetraError] = type(branch.__name__, (branch,), {})
    # Assigned here and not in the body: a class with its own code registers itself.
    error.code, error.status, error.retry = failure.code, failure.status, RetryClass(failure.retry)
    return error
