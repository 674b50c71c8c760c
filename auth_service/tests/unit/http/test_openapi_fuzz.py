"""schemathesis sends valid and invalid input to every operation of a running service.

Checked: no answer is a 5xx, every status, content type and body is documented, and every answer has
the two security headers. The budget is a number of examples, so the time is bounded.
"""

import itertools
from contextlib import suppress

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from netra_ops.services.http_server import HttpServer

EXAMPLES = 4  # per operation and mode; about 100 requests
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_numbers = itertools.count(1)


def address() -> dict[str, str]:
    """Return a header that gives each request a client address of its own."""
    number = next(_numbers)
    return {"X-Forwarded-For": f"198.18.{number // 250}.{number % 250 + 1}"}


def test_every_operation_answers_as_documented(auth: HttpServer) -> None:
    schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{auth.port}/api/auth/openapi.json")
    operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    assert len(operations) > 10
    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @given(data=st.data())
            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            def exercise(data: st.DataObject) -> None:
                case = data.draw(operation.as_strategy(generation_mode=mode))  # noqa: B023  # called below
                response = case.call(headers=address())
                case.validate_response(response, checks=CHECKS)
                assert response.headers["x-content-type-options"] == ["nosniff"]
                assert response.headers["cache-control"]

            with suppress(Unsatisfiable):  # an operation without input has no invalid input
                exercise()
