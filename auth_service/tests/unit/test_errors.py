"""Every error of the identity service has a code of its own and a complete description."""

import pytest

from auth_service.app import errors
from netra_shared.errors import NetraError, RetryClass

CLASSES = [
    item
    for item in vars(errors).values()
    if isinstance(item, type)
    and issubclass(item, NetraError)
    and item.__module__ == errors.__name__
]


def test_no_code_is_used_twice() -> None:
    codes = [item.code for item in CLASSES]
    assert len(codes) == len(set(codes)) > 8


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.code)
def test_each_class_is_complete(kind: type[NetraError]) -> None:
    assert "code" in vars(kind)
    assert "title" in vars(kind)
    assert isinstance(kind.retry, RetryClass)
    assert 400 <= kind.status < 600
