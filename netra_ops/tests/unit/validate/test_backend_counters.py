"""Counters as the backend writes them."""

import httpx
import pytest

from netra_ops.tests.unit.validate.broken import answering
from netra_ops.validate.backend_counters import closes_of_backend, late_imports_of_backend

METRICS = """# TYPE netra_websocket_closes_total counter
netra_websocket_closes_total{code="1000"} 4.0
netra_websocket_closes_total{code="1011"} 1.0
# TYPE late_imports_total counter
late_imports_total{module="json",importer="x"} 2.0
late_imports_total{module="csv",importer="x"} 1.0
"""


async def test_closes_and_late_imports_are_read() -> None:
    async with answering(METRICS, kind="text/plain") as port:
        assert await closes_of_backend(port) == {"1000": 4.0, "1011": 1.0}
        assert await late_imports_of_backend(port) == 3.0


async def test_a_backend_without_the_counter_is_not_zero() -> None:
    async with answering("", kind="text/plain") as port:
        assert await late_imports_of_backend(port) is None


async def test_an_error_page_is_no_counter() -> None:
    async with answering("no", status="500 Internal Server Error") as port:
        with pytest.raises(httpx.HTTPStatusError):
            await closes_of_backend(port)
