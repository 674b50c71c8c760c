"""The error tree: every class has a code, a status, a retry class and a title of its own."""

import pytest

from netra_shared import errors
from netra_shared.errors import ConfigurationError, NetraError, RateLimited, RetryClass

CLASSES = [
    item
    for item in vars(errors).values()
    if isinstance(item, type) and issubclass(item, NetraError) and item is not NetraError
]


def test_no_code_is_used_twice() -> None:
    codes = [item.code for item in CLASSES]
    assert len(codes) == len(set(codes)) > 10


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.code)
def test_each_class_is_complete(kind: type[NetraError]) -> None:
    assert kind.code.replace("_", "").isalpha()
    assert 400 <= kind.status < 600
    assert isinstance(kind.retry, RetryClass)
    assert kind.title
    assert kind.__doc__


def test_an_error_without_detail_shows_its_title() -> None:
    error = RateLimited(retry_after=2.5, limit="login")
    assert str(error) == error.detail == "Too many requests"
    assert (error.retry_after, error.fields) == (2.5, {"limit": "login"})


def test_a_configuration_error_lists_every_problem() -> None:
    error = ConfigurationError(["A is not set", "B is not a URL"])
    assert error.problems == ["A is not set", "B is not a URL"]
    assert str(error) == "2 problem(s) in the configuration:\n  - A is not set\n  - B is not a URL"
    assert error.exit_code == 78
