"""The option that names a service."""

import pytest

from netra_ops.cloud.service_option import ServiceOption, parse_service


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("web=./run", ServiceOption("web", ("./run",), None)),
        ("web=python app.py:3000", ServiceOption("web", ("python", "app.py"), 3000)),
        (
            "web=uvicorn main:app --port $PORT",
            ServiceOption("web", ("uvicorn", "main:app", "--port", "$PORT"), None),
        ),
        ("a-b='my app' x:80", ServiceOption("a-b", ("my app", "x"), 80)),
    ],
)
def test_name_command_and_port(text: str, expected: ServiceOption) -> None:
    assert parse_service(text) == expected


@pytest.mark.parametrize("text", ["web", "web=", "Web=x", "=x", "web= "])
def test_other_forms_are_refused_with_the_right_one(text: str) -> None:
    with pytest.raises(ValueError, match="write NAME=COMMAND"):
        parse_service(text)
