import asyncio
from collections.abc import AsyncIterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from auth_service.app.config import AuthSettings
from auth_service.app.database import Base, Database
from auth_service.app.revision import HEAD, SCHEMA
from auth_service.app.schema_version import current_revision, refuse_outdated_schema
from auth_service.app.upgrade import MIGRATIONS
from auth_service.tests.unit.support import make_settings, running
from netra_shared.errors import ConfigurationError, DatabaseUnavailable
from netra_shared.stores.database import create_engine


@pytest.fixture
def empty(postgres_url: str, valkey_url: str) -> AuthSettings:
    return make_settings(postgres_url, valkey_url)


@pytest.fixture
async def engine(empty: AuthSettings) -> AsyncIterator[AsyncEngine]:
    made = create_engine(empty, application_name="test")
    yield made
    await made.dispose()


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "version_table_schema": SCHEMA,
            "include_name": lambda name, kind, _: kind != "schema" or name == SCHEMA,
            "compare_type": True,
        },
    )
    return list(compare_metadata(context, Base.metadata))


async def test_the_scripts_build_what_the_models_describe(engine: AsyncEngine) -> None:
    assert await MIGRATIONS.upgrade(engine) == (None, HEAD)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def test_the_code_knows_its_newest_script() -> None:
    assert MIGRATIONS.head() == HEAD


async def test_several_may_migrate_concurrently(empty: AuthSettings) -> None:
    engines = [create_engine(empty, application_name=f"test-{n}") for n in range(4)]
    results = await asyncio.gather(*(MIGRATIONS.upgrade(engine) for engine in engines))
    assert sorted(results, key=str) == [(HEAD, HEAD)] * 3 + [(None, HEAD)]
    await asyncio.gather(*(engine.dispose() for engine in engines))


async def test_the_service_refuses_an_unmigrated_database(empty: AuthSettings) -> None:
    with pytest.raises(ConfigurationError, match=r"auth_service\.app\.migrate"):
        async with running(empty):
            pytest.fail("it must not start")


async def test_an_older_schema_is_refused_and_a_newer_one_accepted(engine: AsyncEngine) -> None:
    database = Database(engine)
    assert await current_revision(database) is None
    await MIGRATIONS.upgrade(engine)
    assert await current_revision(database) == HEAD
    await refuse_outdated_schema(database)
    for revision, accepted in (("0000", False), ("9999", True)):
        async with engine.begin() as connection:
            await connection.exec_driver_sql(
                f"UPDATE auth.alembic_version SET version_num = '{revision}'"  # noqa: S608
            )
        if accepted:
            await refuse_outdated_schema(database)
        else:
            with pytest.raises(ConfigurationError, match="is at 0000"):
                await refuse_outdated_schema(database)


async def test_no_database_is_not_an_old_database(valkey_url: str) -> None:
    nowhere = make_settings("postgresql://nobody@127.0.0.1:1/none", valkey_url)
    engine = create_engine(nowhere, application_name="test")
    with pytest.raises(DatabaseUnavailable):
        await refuse_outdated_schema(Database(engine))
    await engine.dispose()
