"""Alembic migrations of both services.

Separate from ``netra_shared.stores.database``: importing Alembic takes an eighth of a service's
start, and a service that only reads the revision of the database does not need it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

MIGRATION_WAIT_SECONDS = 300  # for the end of another instance's migration
# First half of the advisory lock's key (the schema's hash is the other), any 32-bit number.
_MIGRATION_LOCK = 0x6E657472


@asynccontextmanager
async def _unbounded(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Yield a connection without statement deadlines.

    The duration of a migration is not bounded.
    """
    own = create_async_engine(
        engine.url,
        poolclass=NullPool,
        connect_args={"server_settings": {"application_name": "netra-migration"}},
    )
    try:
        async with own.connect() as connection:
            yield connection
    finally:
        await own.dispose()


class Migrations:
    """The Alembic scripts of one service for one PostgreSQL schema.

    Args:
        location: the folder with ``env.py`` and ``versions/``.
        schema: contains the service's tables and its ``alembic_version``.

    ``env.py`` reads its connection from ``config.attributes["connection"]`` and
    the schema from ``config.attributes["schema"]``.
    """

    def __init__(self, location: Path, schema: str) -> None:
        self._location = location
        self._schema = schema

    def head(self) -> str:
        """Return the newest revision that the code knows.

        Raises:
            RuntimeError: the folder contains no scripts.
        """
        newest = ScriptDirectory.from_config(self._config()).get_current_head()
        if newest is None:
            raise RuntimeError(f"no migrations in {self._location}")
        return newest

    async def current(self, engine: AsyncEngine) -> str | None:
        """Return the revision of the database, ``None`` before the first."""
        async with engine.connect() as connection:
            return await connection.run_sync(self._read_current)

    async def upgrade(self, engine: AsyncEngine) -> tuple[str | None, str | None]:
        """Migrate the database to ``head`` under an advisory lock.

        Returns:
            The revisions before and after; equal when the database was current.
        """
        async with _unbounded(engine) as connection:
            await connection.execute(text(f"SET statement_timeout = '{MIGRATION_WAIT_SECONDS}s'"))
            await connection.execute(
                text("SELECT pg_advisory_lock(:key, hashtext(:schema))"),
                {"key": _MIGRATION_LOCK, "schema": self._schema},
            )
            await connection.execute(text("SET statement_timeout = 0"))
            await connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{self._schema}"'))
            await connection.commit()
            before = await connection.run_sync(self._read_current)
            if before != self.head():
                await connection.run_sync(self._upgrade)
                await connection.commit()
            after = await connection.run_sync(self._read_current)
            # The lock belongs to the database session: closing the connection below releases it.
        return before, after

    def _config(self, **attributes: Any) -> Config:
        config = Config()
        config.set_main_option("script_location", str(self._location))
        config.attributes.update(attributes, schema=self._schema)
        return config

    def _read_current(self, connection: Connection) -> str | None:
        options = {"version_table_schema": self._schema}
        return MigrationContext.configure(connection, opts=options).get_current_revision()

    def _upgrade(self, connection: Connection) -> None:
        command.upgrade(self._config(connection=connection), "head")
