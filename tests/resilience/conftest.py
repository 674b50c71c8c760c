"""The small services of the readiness tests, once for each module; and the fleet of sockets."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from netra_ops.services.valkey import EmbeddedValkey
from test_framework.blocking import run
from test_framework.databases import TestDatabases
from test_framework.fixtures.stores import migrate_all
from test_framework.platform.model_server import model_server
from test_framework.platform.people import Person, new_person
from tests.resilience.socket_fleet import SocketFleet
from tests.resilience.stack import Stack

INSTANCES = 3
EXCEPTIONS_SHOWN = 5  # of one instance

StartStack = Callable[..., Awaitable[Stack]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def start_stack(
    tmp_path_factory: pytest.TempPathFactory, databases: TestDatabases
) -> AsyncIterator[StartStack]:
    """Start a ``Stack`` with so many instances; all of it ends with the module."""
    async with AsyncExitStack() as ends:

        async def start(*, instances: int = 1, **settings: str) -> Stack:
            folder = tmp_path_factory.mktemp("stack")
            valkey = EmbeddedValkey(folder / "valkey")
            await valkey.start()
            ends.push_async_callback(valkey.stop)
            url = await databases.create()
            ends.push_async_callback(databases.drop, url)
            stack = Stack(folder, (databases.server, url), valkey, settings)
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
    """Someone with an account on ``fleet`` that no other test uses."""
    async with new_person(fleet.url) as someone:
        yield someone


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Add the exceptions that the instances logged to the report of a failure.

    A client gets an error id; the cause is in a log that ends with the fleet.
    """
    fleet = getattr(item, "funcargs", {}).get("fleet")
    if not isinstance(fleet, SocketFleet):
        yield
        return
    sizes = {log: log.stat().st_size for log in fleet.logs}
    try:
        yield
    except BaseException:
        for log in fleet.logs:
            with log.open("rb") as file:
                file.seek(sizes.get(log, 0))
                lines = [line.decode(errors="replace") for line in file if b"Traceback" in line]
            item.add_report_section("call", log.name, "".join(lines[-EXCEPTIONS_SHOWN:]))
        raise
