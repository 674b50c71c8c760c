"""A short load of the real services behind the real edge."""

import pytest

from netra_ops.services.http_server import HttpServer
from netra_ops.tests.unit.validate.broken import target
from netra_ops.validate.evidence import Verdict
from netra_ops.validate.rows.load import load_platform
from netra_ops.validate.rows.performance import judge_load

pytestmark = pytest.mark.integration


async def test_a_load_from_within_a_row_balances(edge: HttpServer) -> None:
    place = target(f"http://127.0.0.1:{edge.port}")
    figures = await load_platform(place, "idle", seconds=2.0, users=3)
    assert judge_load(figures, None).verdict is Verdict.PASSED, figures
    assert figures.imbalances() == []
