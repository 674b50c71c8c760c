"""``python -m netra_backend.app.migrate``: tables to head, runbook pages into the database.

Idempotent; at head and with unchanged pages it costs a few short queries. Exit status 78 when
the configuration is refused, 1 when the database is not available.
"""

import asyncio
import sys

from netra_backend.app.agents.runbook.loader import load_runbook
from netra_backend.app.db.schema import backend_migrations
from netra_backend.app.db.transaction import unavailable_as_error
from netra_shared.errors import ConfigurationError, NetraError
from netra_shared.logging import configure_logging, get_logger
from netra_shared.settings import ServiceSettings, load_settings
from netra_shared.stores.database import create_engine

NAME = "netra-backend-migrate"

_log = get_logger(__name__)


async def migrate(settings: ServiceSettings) -> None:
    """Bring the schema ``netra`` to head and load the runbook.

    Raises:
        DatabaseUnavailable: PostgreSQL did not answer.
    """
    engine = create_engine(settings, application_name=NAME)
    try:
        with unavailable_as_error():
            before, after = await backend_migrations().upgrade(engine)
        changed = await load_runbook(engine)
    finally:
        await engine.dispose()
    _log.info("migrated", before=before, after=after, runbook_changed=changed)


def main() -> int:
    """Migrate as the environment says; return the exit status."""
    try:
        # The tables need no keys and no model: the settings of both services suffice.
        settings = load_settings(ServiceSettings)
        configure_logging(settings, service=NAME)
        asyncio.run(migrate(settings))
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except NetraError as error:
        _log.error(
            "migration failed", code=error.code, error=str(error), cause=repr(error.__cause__)
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
