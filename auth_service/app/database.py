"""Transactions on PostgreSQL, and the one place where its failures become ours."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import asyncpg
from sqlalchemy import MetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase

from auth_service.app.errors import DatabaseUnavailable
from auth_service.app.revision import SCHEMA

# Classes of SQLSTATE that speak of the server's state and not of the statement (PostgreSQL
# documentation, appendix A): connection, rollback (deadlock), resources, intervention
# (statement_timeout, shutdown), system error.
_UNAVAILABLE_CLASSES = frozenset({"08", "40", "53", "57", "58"})


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
            DatabaseUnavailable: the server is away, busy beyond a deadline, or shutting down.
        """
        try:
            async with self._sessions.begin() as session:
                yield session
        except Exception as error:
            if is_unavailability(error):
                raise DatabaseUnavailable(
                    "The account store does not answer; try again.", retry_after=1.0
                ) from error
            raise


def is_unavailability(error: BaseException) -> bool:
    """True when ``error`` says that PostgreSQL cannot serve now, not that we asked wrongly."""
    if isinstance(error, OSError | TimeoutError | PoolTimeout | asyncpg.InterfaceError):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (
            error.orig is not None and _is_unavailable_state(error.orig)
        )
    return _is_unavailable_state(error)


def _is_unavailable_state(error: BaseException) -> bool:
    state = cast("str | None", getattr(error, "sqlstate", None))
    if state is not None:
        return state[:2] in _UNAVAILABLE_CLASSES
    return isinstance(error.__cause__, OSError | TimeoutError | asyncpg.InterfaceError)
