"""Distinguishes outages of PostgreSQL from errors in a statement."""

from typing import cast

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# SQLSTATE classes about the server's state, not the statement (PostgreSQL documentation, appendix
# A): connection, authorization (a rotated password), missing database, rollback (deadlock),
# resources (a full disk), intervention (statement_timeout, shutdown), system error.
_ABSENT_CLASSES = frozenset({"08", "28", "3D", "40", "53", "57", "58"})
# A plan from before a migration, and a session that a cancellation left between two states of the
# protocol: the next connection has neither (asyncpg/exceptions).
_STALE_CONNECTION = (asyncpg.InvalidCachedStatementError, asyncpg.InternalClientError)
_READ_ONLY = "25006"  # read_only_sql_transaction: a standby, or switched over


def is_absence(error: BaseException) -> bool:
    """Return whether ``error`` means that PostgreSQL is unavailable and a retry may succeed.

    An error while a connection is opened is the driver's own exception; later errors are wrapped by
    SQLAlchemy. Both are recognised.
    """
    if isinstance(error, OSError | TimeoutError | PoolTimeout | asyncpg.InterfaceError):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (error.orig is not None and _says_absent(error.orig))
    return _says_absent(error)


def _says_absent(error: BaseException) -> bool:
    if isinstance(error, _STALE_CONNECTION) or isinstance(error.__cause__, _STALE_CONNECTION):
        return True
    state = cast("str | None", getattr(error, "sqlstate", None))
    if state is not None:
        return state[:2] in _ABSENT_CLASSES or state == _READ_ONLY
    return isinstance(error.__cause__, OSError | TimeoutError | asyncpg.InterfaceError)
