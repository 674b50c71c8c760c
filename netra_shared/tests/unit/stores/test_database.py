"""Migrations run once however many instances start; statements end at their deadline."""

import asyncio
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_shared.settings import ServiceSettings, load_settings
from netra_shared.stores.database import create_engine
from netra_shared.stores.migrations import Migrations

ENV = """
from alembic import context

connection = context.config.attributes["connection"]
schema = context.config.attributes["schema"]
context.configure(connection=connection, version_table_schema=schema)
with context.begin_transaction():
    context.run_migrations()
"""
FIRST = """
from alembic import op

revision = "0001"
down_revision = None

def upgrade():
    op.execute("SELECT pg_sleep(0.2)")
    op.execute("CREATE TABLE sample.runs (id int)")
    op.execute("INSERT INTO sample.runs VALUES (1)")
"""


@pytest.fixture
def settings(postgres_url: str) -> ServiceSettings:
    return load_settings(
        ServiceSettings,
        {
            "environment": "test",
            "database_url": postgres_url,
            "redis_url": "redis://127.0.0.1:1/0",
            "postgres_statement_seconds": 0.3,
        },
    )


@pytest.fixture
async def engine(settings: ServiceSettings) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(settings, application_name="test-database")
    yield engine
    await engine.dispose()


@pytest.fixture
def migrations(tmp_path: Path) -> Migrations:
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text(textwrap.dedent(ENV))
    (tmp_path / "versions" / "0001_first.py").write_text(textwrap.dedent(FIRST))
    return Migrations(tmp_path, "sample")


async def test_three_concurrent_instances_migrate_once(
    settings: ServiceSettings, migrations: Migrations
) -> None:
    async def start_instance() -> tuple[str | None, str | None]:
        engine = create_engine(settings, application_name="instance")
        try:
            return await migrations.upgrade(engine)
        finally:
            await engine.dispose()

    outcomes = await asyncio.gather(*(start_instance() for _ in range(3)))
    assert sorted(outcomes, key=str) == [("0001", "0001"), ("0001", "0001"), (None, "0001")]


async def test_the_revision_is_read(engine: AsyncEngine, migrations: Migrations) -> None:
    assert await migrations.current(engine) is None
    await migrations.upgrade(engine)
    assert await migrations.current(engine) == migrations.head() == "0001"
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM sample.runs")) == 1


async def test_a_statement_is_cancelled_by_the_server_at_its_deadline(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError, match="statement timeout"):
            await connection.execute(text("SELECT pg_sleep(5)"))
        await connection.rollback()
        assert await connection.scalar(text("SELECT 1")) == 1


async def test_an_errors_text_holds_no_parameter_of_its_statement(engine: AsyncEngine) -> None:
    statement = text("SELECT CAST(:said AS text), 1 / CAST(:zero AS integer)")
    with pytest.raises(DBAPIError, match="division by zero") as refused:
        async with engine.connect() as connection:
            await connection.execute(statement, {"said": "dear", "zero": 0})
    assert "dear" not in str(refused.value)
