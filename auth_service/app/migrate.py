"""``python -m auth_service.app.migrate``: migrate the schema ``auth`` to the code's revision.

If the schema is current, one query is enough, without the import of SQLAlchemy and Alembic, which
takes several times as long as the rest. Otherwise the process becomes ``auth_service.app.upgrade``.
"""

import asyncio
import os
import sys

import asyncpg

from auth_service.app.revision import HEAD, SCHEMA
from netra_shared.errors import ConfigurationError
from netra_shared.settings import ServiceSettings, load_settings

NAME = "netra-auth-migrate"
UPGRADE = [sys.executable, "-m", "auth_service.app.upgrade"]


async def stored_revision(settings: ServiceSettings) -> str | None:
    """Return the revision of the database, ``None`` before the first migration.

    Raises:
        OSError, TimeoutError, asyncpg.PostgresError: the database is unavailable.
    """
    url = settings.database_url.get_secret_value()
    connection = await asyncpg.connect(
        "postgresql://" + url.partition("://")[2],
        timeout=settings.postgres_connect_seconds,
        command_timeout=settings.postgres_statement_seconds,
        server_settings={"application_name": NAME},
    )
    try:
        revision = await connection.fetchval(f"SELECT version_num FROM {SCHEMA}.alembic_version")  # noqa: S608  a constant
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close(timeout=settings.postgres_connect_seconds)
    return None if revision is None else str(revision)


def main() -> int:
    """Return the exit status: 0 when the schema is at the code's revision."""
    try:
        settings = load_settings(ServiceSettings)
        revision = asyncio.run(stored_revision(settings))
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return ConfigurationError.exit_code
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        sys.stderr.write(f"the database is unavailable: {type(error).__name__}: {error}\n")
        return 1
    if revision != HEAD:
        os.execv(UPGRADE[0], UPGRADE)  # noqa: S606  our own interpreter, no shell
    sys.stdout.write(f"schema {SCHEMA}: is at {HEAD}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
