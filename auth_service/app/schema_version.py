"""Compares the schema revision of the database with the code's at start, without Alembic."""

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auth_service.app.database import Database
from auth_service.app.revision import HEAD, SCHEMA
from netra_shared.errors import ConfigurationError

UNDEFINED_TABLE = "42P01"
REMEDY = "run: python -m auth_service.app.migrate"


async def current_revision(database: Database) -> str | None:
    """Return the revision of the database, ``None`` before the first migration.

    Raises:
        DatabaseUnavailable: it does not answer.
    """
    try:
        async with database.transaction() as transaction:
            revision = await transaction.scalar(
                text(f"SELECT version_num FROM {SCHEMA}.alembic_version")  # noqa: S608  a constant
            )
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == UNDEFINED_TABLE:
            return None
        raise
    return None if revision is None else str(revision)


async def refuse_outdated_schema(database: Database) -> None:
    """Raise when the schema is older than the code.

    A newer schema is accepted: during a rollout the old revision starts instances on it, so a
    migration must be compatible with the previous release.

    Raises:
        ConfigurationError: with the remedy.
        DatabaseUnavailable: it does not answer.
    """
    revision = await current_revision(database)
    if revision is None:
        raise ConfigurationError([f"the schema {SCHEMA!r} does not exist; {REMEDY}"])
    if revision < HEAD:
        raise ConfigurationError(
            [f"the schema {SCHEMA!r} is at {revision}, the code needs {HEAD}; {REMEDY}"]
        )
