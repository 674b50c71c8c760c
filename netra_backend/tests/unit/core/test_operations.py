"""What the operations guide can explain."""

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from netra_backend.app.agents.runbook.search import RunbookSearch
from netra_backend.app.core.operations import PlatformOperations


@pytest.fixture
def operations() -> PlatformOperations:
    async def stop_runs(*, older_than_seconds: float) -> int:
        return int(older_than_seconds)

    return PlatformOperations(
        readiness=dict,
        connections=dict,
        runbook=RunbookSearch(create_async_engine("postgresql+asyncpg://nobody@localhost/none")),
        stop_runs=stop_runs,
    )


@pytest.mark.parametrize(
    ("code", "name"),
    [("4413", "slow_consumer"), ("-32003", "run_busy"), ("1006", "standard close code")],
)
async def test_numbers_of_both_tables_are_explained(
    operations: PlatformOperations, code: str, name: str
) -> None:
    found = await operations.explain_code(code)
    assert found is not None
    assert found["name"] == name


@pytest.mark.parametrize("code", ["4999", "--5", "-", "²", "४४१३", "9" * 5000, ""])
async def test_what_looks_like_a_number_and_is_none_of_ours_is_unknown(
    operations: PlatformOperations, code: str
) -> None:
    assert await operations.explain_code(code) is None
