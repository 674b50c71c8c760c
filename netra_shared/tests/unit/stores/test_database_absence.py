import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from netra_shared.stores.database_absence import is_absence


def wrapped(error: Exception) -> DBAPIError:
    """Return ``error`` as SQLAlchemy's asyncpg dialect raises it."""
    return DBAPIError("SELECT 1", None, error)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError("refused"),
        TimeoutError(),
        asyncpg.TooManyConnectionsError("full"),
        asyncpg.CannotConnectNowError("starting"),
        asyncpg.InvalidPasswordError("rotated"),
        asyncpg.InternalClientError("got result for unknown protocol state 3"),
        wrapped(asyncpg.InvalidCachedStatementError("a migration changed the table")),
        wrapped(asyncpg.DiskFullError("disk")),
        wrapped(asyncpg.QueryCanceledError("statement timeout")),
        wrapped(asyncpg.DeadlockDetectedError("deadlock")),
        wrapped(asyncpg.ReadOnlySQLTransactionError("standby")),
    ],
    ids=repr,
)
def test_an_outage_is_recognised(error: Exception) -> None:
    assert is_absence(error)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("bad"),
        wrapped(asyncpg.UniqueViolationError("taken")),
        wrapped(asyncpg.UndefinedTableError("no table")),
        wrapped(asyncpg.PostgresSyntaxError("syntax")),
    ],
    ids=repr,
)
def test_an_error_of_the_statement_is_not_an_outage(error: Exception) -> None:
    assert not is_absence(error)
