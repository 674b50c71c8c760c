"""OpenAPI responses of a route for the errors that it can raise."""

from typing import Any

from netra_shared.errors import NetraError, TokenExpired, TokenInvalid, Unauthenticated
from netra_shared.http.body_limit import RequestTooLarge, RequestTooSlow
from netra_shared.http.problem import problem_responses

BEARER_ERRORS = (Unauthenticated, TokenInvalid, TokenExpired)

Responses = dict[int | str, dict[str, Any]]


def with_body(*errors: type[NetraError]) -> Responses:
    """Return the OpenAPI responses of a route that reads a JSON body."""
    return problem_responses(RequestTooLarge, RequestTooSlow, *errors)


def without_input(*errors: type[NetraError]) -> Responses:
    """Return the OpenAPI responses of a route without input to validate, hence no 422."""
    responses = problem_responses(*errors)
    del responses[422]
    return responses
