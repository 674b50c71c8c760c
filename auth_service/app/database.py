"""Transactions on PostgreSQL; the only place that converts its failures."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase

from auth_service.app.revision import SCHEMA
from netra_shared.errors import DatabaseUnavailable
from netra_shared.stores.database_absence import is_absence


class Base(DeclarativeBase):
    """Tables of the identity service; all live in the schema ``auth``."""

    metadata = MetaData(
        schema=SCHEMA,
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_name)s_fkey",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s_check",
        },
    )


class Database:
    """Opens transactions on an engine that the caller owns."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Commit when the block ends, roll back when it raises.

        Raises:
            DatabaseUnavailable: the server is unavailable, exceeded a deadline, or is shutting
                down.
        """
        try:
            async with self._sessions.begin() as session:
                yield session
        except Exception as error:
            if is_absence(error):
                raise DatabaseUnavailable(
                    "PostgreSQL does not answer; try again.", retry_after=1.0
                ) from error
            raise
