"""schemathesis sends valid and invalid input to every operation that a service documents.

Checked: no answer is a 5xx, every status, content type and body is documented, and every answer has
the two security headers. The budget is a number of examples, so the time is bounded.
"""

import itertools
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

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

EXAMPLES = 3  # per operation and mode
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@dataclass(frozen=True)
class Exercised:
    """What was sent.

    Args:
        operations: how many operations the document has.
        statuses: the answered statuses.
    """

    operations: int
    statuses: frozenset[int]


def exercise_every_operation(
    url: str,
    *,
    headers: Callable[[], Mapping[str, str]],
    known: Mapping[str, str] | None = None,
    examples: int = EXAMPLES,
) -> Exercised:
    """Send ``examples`` valid and as many invalid requests to each operation.

    Args:
        url: of the OpenAPI document.
        headers: the headers of one request.
        known: path parameters that every second request gets, so that it finds something.
        examples: for each operation and mode.

    Raises:
        AssertionError: an answer is not as documented; with the request that repeats it.
    """
    schema = schemathesis.openapi.from_url(url)
    operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    statuses: set[int] = set()
    turns = itertools.cycle((True, False))
    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @given(data=st.data())
            @settings(
                max_examples=examples,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            def exercise(data: st.DataObject) -> None:
                case: Any = data.draw(operation.as_strategy(generation_mode=mode))  # noqa: B023  # called below
                if next(turns):
                    found = {k: v for k, v in (known or {}).items() if k in case.path_parameters}
                    case.path_parameters = {**case.path_parameters, **found}
                response = case.call(headers=dict(headers()))
                statuses.add(response.status_code)
                case.validate_response(response, checks=CHECKS)
                answer = f"{response.status_code} {response.text[:200]} to {case.as_curl_command()}"
                assert response.headers.get("x-content-type-options") == ["nosniff"], answer
                assert response.headers.get("cache-control"), answer

            with suppress(Unsatisfiable):  # an operation without input has no invalid input
                exercise()
    return Exercised(len(operations), frozenset(statuses))
