"""Common code of the command-line entries: settings, one run, errors as exit statuses."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from auth_service.app.config import AuthSettings
from auth_service.app.database import Database
from netra_shared.errors import ConfigurationError, NetraError
from netra_shared.logging import configure_logging
from netra_shared.settings import load_settings
from netra_shared.stores.database import create_engine

FAILED = 1


def run(action: Callable[[AuthSettings], Awaitable[int]], *, name: str) -> int:
    """Run a command and return its exit status.

    Args:
        action: the command; returns an exit status.
        name: of the process in logs and in ``pg_stat_activity``.
    """
    try:
        settings = load_settings(AuthSettings)
        configure_logging(settings.model_copy(update={"log_level": "warning"}), service=name)
        return asyncio.run(_awaited(action, settings))
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return ConfigurationError.exit_code
    except NetraError as error:
        sys.stderr.write(f"{error.code}: {error.detail}\n")
        return FAILED


@asynccontextmanager
async def opened_database(settings: AuthSettings, *, name: str) -> AsyncIterator[Database]:
    """Open the database for one command."""
    engine = create_engine(settings, application_name=name)
    try:
        yield Database(engine)
    finally:
        await engine.dispose()


async def _awaited(action: Callable[[AuthSettings], Awaitable[int]], settings: AuthSettings) -> int:
    return await action(settings)
