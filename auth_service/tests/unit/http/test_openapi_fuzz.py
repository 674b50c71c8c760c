"""Every operation of a running identity service answers as its OpenAPI document says."""

import itertools

from netra_ops.services.http_server import HttpServer
from test_framework.openapi_fuzz import exercise_every_operation

_numbers = itertools.count(1)


def address() -> dict[str, str]:
    """Return a header that gives each request a client address of its own."""
    number = next(_numbers)
    return {"X-Forwarded-For": f"198.18.{number // 250}.{number % 250 + 1}"}


def test_every_operation_answers_as_documented(auth: HttpServer) -> None:
    url = f"http://127.0.0.1:{auth.port}/api/auth/openapi.json"
    assert exercise_every_operation(url, headers=address).operations > 10
