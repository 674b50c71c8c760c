import asyncio

import pytest
from prometheus_client import REGISTRY

from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed

LOG = get_logger(__name__)


def fail(error: BaseException) -> None:
    raise error


def counted(reason: str) -> float:
    return REGISTRY.get_sample_value("swallowed_exceptions_total", {"reason": reason}) or 0.0


def test_an_exception_is_counted_and_does_not_propagate() -> None:
    before = counted("test_default")
    with swallowed(LOG, "test_default"):
        fail(ValueError("bad"))
    assert counted("test_default") == before + 1


def test_only_the_named_types_are_swallowed() -> None:
    before = counted("test_named")
    with pytest.raises(KeyError), swallowed(LOG, "test_named", OSError, ValueError):
        fail(KeyError("k"))
    with swallowed(LOG, "test_named", OSError, ValueError):
        fail(FileNotFoundError("f"))
    assert counted("test_named") == before + 1


def test_without_an_exception_nothing_is_counted() -> None:
    before = counted("test_none")
    with swallowed(LOG, "test_none"):
        pass
    assert counted("test_none") == before


def test_a_cancellation_always_propagates() -> None:
    with pytest.raises(asyncio.CancelledError), swallowed(LOG, "test_cancelled"):
        fail(asyncio.CancelledError())
