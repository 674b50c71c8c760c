"""The stack of a fault test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from netra_ops.services.valkey import EmbeddedValkey
from test_framework.databases import TestDatabases
from tests.resilience.stack import Stack

StartStack = Callable[..., Awaitable[Stack]]


@pytest.fixture
async def start_stack(
    tmp_path: Path, databases: TestDatabases, postgres_url: str
) -> AsyncIterator[StartStack]:
    """Start a ``Stack`` with so many instances; all of it ends with the test."""
    async with AsyncExitStack() as ends:

        async def start(*, instances: int = 1, linger_seconds: float = 0.1) -> Stack:
            valkey = EmbeddedValkey(tmp_path / "valkey")
            await valkey.start()
            ends.push_async_callback(valkey.stop)
            stack = Stack(
                tmp_path, (databases.server, postgres_url), valkey, linger_seconds=linger_seconds
            )
            ends.push_async_callback(stack.stop)
            await stack.start(instances=instances)
            return stack

        yield start
