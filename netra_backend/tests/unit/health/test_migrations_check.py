"""The migrations check on the backend's own migrations and a real PostgreSQL."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from netra_backend.app.db.revisions import backend_revisions
from netra_shared.health.check import Validator
from netra_shared.health.dependencies import MigrationsBehind, migrations_validator
from netra_shared.stores.database import async_url


@pytest.fixture
async def engine(migrated_postgres_url: str) -> AsyncIterator[AsyncEngine]:
    made = create_async_engine(async_url(migrated_postgres_url))
    yield made
    await made.dispose()


def validator_on(engine: AsyncEngine) -> Validator:
    revisions = backend_revisions()
    return migrations_validator(
        lambda: revisions.current(engine),
        head=revisions.head,
        is_older=revisions.known.__contains__,
    )


async def test_migrations_at_head_pass(engine: AsyncEngine) -> None:
    assert await validator_on(engine)() == f"at head {backend_revisions().head}"


async def test_an_unmigrated_database_fails(postgres_url: str) -> None:
    engine = create_async_engine(async_url(postgres_url))
    with pytest.raises(MigrationsBehind, match="no revision"):
        await validator_on(engine)()
    await engine.dispose()


async def test_a_database_ahead_of_the_code_passes_with_a_note(engine: AsyncEngine) -> None:
    """During a rollout the new revision migrates first; the old one still serves."""
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE netra.alembic_version SET version_num = '9999'"))
    note = await validator_on(engine)()
    assert isinstance(note, str)
    assert note.startswith("database is ahead at 9999")
