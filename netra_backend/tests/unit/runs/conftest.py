from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from netra_backend.tests.unit.runs.world import World, world_on
from test_framework.agui.client import AguiClient


@pytest.fixture(autouse=True)
def plain_tracebacks() -> Iterator[None]:
    """Log as a process does: structlog's default prints all locals and takes seconds for it."""
    before = structlog.get_config()["processors"]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(),
        ]
    )
    yield
    structlog.configure(processors=before)


@pytest.fixture
async def world(migrated_postgres_url: str, agui_client: AguiClient) -> AsyncIterator[World]:
    """A world whose every stream suits the stock client after any test."""
    async with world_on(migrated_postgres_url) as world:
        yield world
    for events in world.watchers.events.values():
        agui_client.expect_accepted(events)
