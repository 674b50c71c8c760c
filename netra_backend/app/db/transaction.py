"""One way to talk to PostgreSQL: a transaction whose failures are members of the error tree."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from netra_backend.app.db.errors import DatabaseUnavailable

RETRY_AFTER_SECONDS = 2.0  # a failover of a managed PostgreSQL takes seconds to a minute

# SQLSTATE classes (PostgreSQL manual, appendix A): connection exception, insufficient
# resources, operator intervention. The last one covers statement_timeout and shutdown.
_TRANSIENT_CLASSES = ("08", "53", "57")


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Run the block in one transaction: committed at its end, rolled back on any exception.

    Raises:
        DatabaseUnavailable: no connection, a deadline passed, or the session was ended.
            A commit whose answer was lost may have happened: callers must be idempotent.
    """
    with unavailable_as_error():
        async with engine.begin() as connection:
            yield connection


@contextmanager
def unavailable_as_error() -> Iterator[None]:
    """Turn the many ways in which a database can be absent into one error.

    Raises:
        DatabaseUnavailable: see ``transaction``.
    """
    try:
        yield
    except (PoolTimeout, OSError, TimeoutError) as error:
        raise DatabaseUnavailable(retry_after=RETRY_AFTER_SECONDS) from error
    except DBAPIError as error:
        if not is_transient(error):
            raise
        raise DatabaseUnavailable(retry_after=RETRY_AFTER_SECONDS) from error


def is_transient(error: DBAPIError) -> bool:
    """Tell whether ``error`` says something about the server rather than the statement."""
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(_TRANSIENT_CLASSES)
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
