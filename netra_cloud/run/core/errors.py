"""What the Cloud Run API refuses, with Google's canonical status and HTTP code.

The mapping of status to HTTP code is that of google/rpc/code.proto.
"""

from typing import Any, ClassVar

Json = dict[str, Any]


class ApiError(Exception):
    """Base of all refusals.

    Args:
        message: the text of the answer.
        violations: pairs of field and description; they become a ``google.rpc.BadRequest``.
    """

    status: ClassVar[str] = "INTERNAL"
    http: ClassVar[int] = 500
    number: ClassVar[int] = 13

    def __init__(self, message: str, *violations: tuple[str, str]) -> None:
        super().__init__(message)
        self.message = message
        self.violations = violations

    def body(self) -> Json:
        """Return the JSON error body of Google's REST APIs."""
        error: Json = {"code": self.http, "message": self.message, "status": self.status}
        if self.violations:
            error["details"] = [
                {
                    "@type": "type.googleapis.com/google.rpc.BadRequest",
                    "fieldViolations": [
                        {"field": field, "description": text} for field, text in self.violations
                    ],
                }
            ]
        return {"error": error}


class InvalidArgument(ApiError):
    """400: the request is wrong in itself."""

    status = "INVALID_ARGUMENT"
    http = 400
    number = 3


class FailedPrecondition(ApiError):
    """400: the resource is in a state that forbids the call."""

    status = "FAILED_PRECONDITION"
    http = 400
    number = 9


class NotFound(ApiError):
    """404: there is no such resource."""

    status = "NOT_FOUND"
    http = 404
    number = 5


class AlreadyExists(ApiError):
    """409: the name is taken."""

    status = "ALREADY_EXISTS"
    http = 409
    number = 6


class Aborted(ApiError):
    """409: another change came first (etag)."""

    status = "ABORTED"
    http = 409
    number = 10


class PermissionDenied(ApiError):
    """403: the caller or the service account may not do this."""

    status = "PERMISSION_DENIED"
    http = 403
    number = 7


class Unimplemented(ApiError):
    """501: Google has this, the local Cloud Run does not."""

    status = "UNIMPLEMENTED"
    http = 501
    number = 12


class Internal(ApiError):
    """500, and the code of some failed operations."""
