"""One way to talk to PostgreSQL: a transaction whose failures are members of the error tree."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from netra_shared.errors import DatabaseUnavailable
from netra_shared.stores.database_absence import is_absence

RETRY_AFTER_SECONDS = 2.0  # a failover of a managed PostgreSQL takes seconds to a minute


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
    except Exception as error:
        if is_absence(error):
            raise DatabaseUnavailable(retry_after=RETRY_AFTER_SECONDS) from error
        raise
