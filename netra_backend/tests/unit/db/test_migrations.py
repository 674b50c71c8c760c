"""The migrations make exactly the tables that the code describes, and the command is idempotent."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from netra_backend.app.db.schema import MIGRATIONS_FOLDER, backend_migrations
from netra_backend.app.db.tables import SCHEMA, metadata
from netra_shared.stores.database import async_url

FIRST = "0001"


@pytest.fixture
async def engine(migrated_postgres_url: str) -> AsyncIterator[AsyncEngine]:
    # The user is called `netra` like the schema, which would make the schema the default one.
    settings = {"server_settings": {"search_path": "public"}}
    engine = create_async_engine(async_url(migrated_postgres_url), connect_args=settings)
    yield engine
    await engine.dispose()


def differences(connection: Connection) -> list[object]:
    """Return in what the database differs from the tables in the code."""
    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "compare_type": True,
            "compare_server_default": False,  # generated columns compare as text only
            "version_table_schema": SCHEMA,
            "include_name": lambda name, kind, _parents: kind != "schema" or name == SCHEMA,
        },
    )
    return list(compare_metadata(context, metadata))


async def test_the_migrated_schema_is_the_one_in_the_code(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_every_migration_goes_back_and_forth(engine: AsyncEngine) -> None:
    def back(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS_FOLDER))
        config.attributes.update(connection=connection, schema=SCHEMA)
        command.downgrade(config, FIRST)

    async with engine.begin() as connection:
        await connection.run_sync(back)
    migrations = backend_migrations()
    assert await migrations.upgrade(engine) == (FIRST, migrations.head())
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_thread_cannot_have_two_runs_that_hold_it(engine: AsyncEngine) -> None:
    run = text(
        "INSERT INTO netra.runs (id, thread_id, owner_id, command_id, message_id, request_digest,"
        " status, model, instance_id, lease_expires_at) SELECT gen_random_uuid(), id, owner_id,"
        " gen_random_uuid(), gen_random_uuid(), '', 'running', 'm', 'i', now() FROM netra.threads"
    )
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO netra.threads (id, owner_id)"
                " VALUES (gen_random_uuid(), gen_random_uuid())"
            )
        )
        await connection.execute(run)
        await connection.execute(text("UPDATE netra.runs SET released_at = now()"))
        await connection.execute(run)
    with pytest.raises(IntegrityError, match="runs_one_active_per_thread"):
        async with engine.begin() as connection:
            await connection.execute(run)


async def _migrate(url: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "netra_backend.app.migrate",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={
            **os.environ,
            "ENVIRONMENT": "test",
            "DATABASE_URL": url,
            "REDIS_URL": "redis://127.0.0.1:1/0",
        },
    )
    out, err = await process.communicate()
    return process.returncode or 0, (out + err).decode()


async def test_two_concurrent_migrations_of_an_empty_database_succeed(postgres_url: str) -> None:
    results = await asyncio.gather(_migrate(postgres_url), _migrate(postgres_url))
    assert [status for status, _ in results] == [0, 0], results
    engine = create_async_engine(async_url(postgres_url))
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM netra.runbook_sections")) > 40
        assert await connection.scalar(text("SELECT count(*) FROM netra.runbook_state")) == 1
    await engine.dispose()


async def test_a_database_that_is_not_there_is_one_line_and_status_1() -> None:
    status, output = await _migrate("postgresql://nobody:secret@127.0.0.1:1/none")
    assert status == 1
    assert "database_unavailable" in output
    assert "secret" not in output
