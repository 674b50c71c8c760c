import socket
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from auth_service.app.config import AuthSettings
from auth_service.app.database import Database
from auth_service.tests.unit.support import make_settings
from netra_shared.errors import DatabaseUnavailable
from netra_shared.stores.database import create_engine


@pytest.fixture
async def database(settings: AuthSettings) -> AsyncIterator[Database]:
    engine = create_engine(settings, application_name="test-database")
    yield Database(engine)
    await engine.dispose()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


async def execute(database: Database, statement: str) -> object:
    async with database.transaction() as transaction:
        return await transaction.scalar(text(statement))


async def insert_and_fail(database: Database, statement: str) -> None:
    async with database.transaction() as transaction:
        await transaction.execute(text(statement))
        raise KeyError


async def test_commits_and_rolls_back(database: Database) -> None:
    insert = (
        "INSERT INTO auth.signing_keys (kid, public_key, sealed_private_key, created_at, "
        "signs_from) VALUES ('k', '', '', now(), now()) RETURNING kid"
    )
    count = "SELECT count(*) FROM auth.signing_keys"
    with pytest.raises(KeyError):
        await insert_and_fail(database, insert)
    assert await execute(database, count) == 0
    await execute(database, insert)
    assert await execute(database, count) == 1
    with pytest.raises(IntegrityError):
        await execute(database, insert)


async def test_a_wrong_statement_is_a_defect_and_not_an_outage(database: Database) -> None:
    with pytest.raises(ProgrammingError):
        await execute(database, "SELECT nonsense")


@pytest.mark.parametrize("silent", [True, False])
async def test_no_answer_is_an_outage(
    silent_port: int,
    valkey_url: str,
    silent: bool,  # noqa: FBT001
) -> None:
    port = silent_port if silent else 1
    settings = make_settings(
        f"postgresql://u:p@127.0.0.1:{port}/d", valkey_url, postgres_connect_seconds=0.2
    )
    engine = create_engine(settings, application_name="test-outage")
    with pytest.raises(DatabaseUnavailable) as unavailable:
        await execute(Database(engine), "SELECT 1")
    assert unavailable.value.retry_after == 1.0
    await engine.dispose()


async def test_a_statement_beyond_its_deadline_is_an_outage(
    migrated_postgres_url: str, valkey_url: str
) -> None:
    settings = make_settings(migrated_postgres_url, valkey_url, postgres_statement_seconds=0.1)
    engine = create_engine(settings, application_name="test-slow")
    with pytest.raises(DatabaseUnavailable):
        await execute(Database(engine), "SELECT pg_sleep(30)")
    await engine.dispose()


async def test_an_ended_backend_is_an_outage_and_the_next_one_works(database: Database) -> None:
    with pytest.raises(DatabaseUnavailable):
        await execute(database, "SELECT pg_terminate_backend(pg_backend_pid())")
    assert await execute(database, "SELECT 1") == 1
