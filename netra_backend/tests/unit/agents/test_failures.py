"""Failures as clients see them."""

import pytest
from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelHTTPError,
    RunTimedOut,
    UnexpectedModelBehavior,
    UsageLimitExceeded,
)

from netra_backend.app.agents.failures import explain_failure
from netra_shared.errors import DatabaseUnavailable


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ModelHTTPError(503, "m", "secret"), "model_unavailable"),
        (ModelHTTPError(429, "m", "secret"), "model_unavailable"),
        (ModelHTTPError(401, "m", "secret"), "model_refused"),
        (ModelAPIError("m", "secret"), "model_unavailable"),
        (UnexpectedModelBehavior("secret"), "model_unavailable"),
        (UsageLimitExceeded("secret"), "run_limit_reached"),
        (RunTimedOut("secret"), "run_deadline_exceeded"),
        (TimeoutError("secret"), "run_deadline_exceeded"),
        (KeyError("secret"), "internal_error"),
        (
            ExceptionGroup("secret", [KeyError("secret"), ModelAPIError("m", "secret")]),
            "model_unavailable",
        ),
        (ExceptionGroup("secret", [KeyError("secret")]), "internal_error"),
    ],
)
def test_foreign_errors_get_a_code_and_lose_their_text(error: Exception, code: str) -> None:
    failure = explain_failure(error)
    assert failure.code == code
    assert "secret" not in failure.detail
    assert "Quote the id" in failure.detail


def test_our_own_errors_stay_what_they_are() -> None:
    error = DatabaseUnavailable("The database is unavailable.")
    assert explain_failure(error) is error
