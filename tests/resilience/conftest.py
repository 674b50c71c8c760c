"""The stack of a fault test, and the fleet of sockets."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from netra_ops.services.valkey import EmbeddedValkey
from test_framework.blocking import run
from test_framework.databases import TestDatabases
from test_framework.fixtures.stores import migrate_all
from test_framework.platform.model_server import model_server
from test_framework.platform.people import Person, new_person
from tests.resilience.socket_fleet import SocketFleet
from tests.resilience.stack import Stack

INSTANCES = 3

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


@pytest.fixture(scope="session")
def fleet(databases: TestDatabases) -> Iterator[SocketFleet]:
    """Three instances for all tests of this worker; a test leaves as many behind."""
    # Not pytest's tmp_path: Envoy's admin socket lies there and may have 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="netra-fleet-"))
    template = run(databases.template("migrated_template", migrate_all))
    database_url = run(databases.create(template))
    with model_server() as model_url:
        fleet = SocketFleet(folder, database_url, model_url, {})
        try:
            run(fleet.start(INSTANCES))
            yield fleet
        finally:
            run(fleet.stop())
            run(databases.drop(database_url))
            shutil.rmtree(folder)


@pytest.fixture
async def member(fleet: SocketFleet) -> AsyncIterator[Person]:
    """Somebody with an account on ``fleet`` that no other test uses."""
    async with new_person(fleet.url) as somebody:
        yield somebody
