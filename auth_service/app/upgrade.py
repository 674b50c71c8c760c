"""``python -m auth_service.app.upgrade``: run the migrations. ``migrate`` calls it when needed."""

import sys
from pathlib import Path

from auth_service.app.command import run
from auth_service.app.config import AuthSettings
from auth_service.app.revision import SCHEMA
from netra_shared.stores.database import create_engine
from netra_shared.stores.migrations import Migrations

NAME = "netra-auth-migrate"
MIGRATIONS = Migrations(Path(__file__).with_name("migrations"), SCHEMA)


async def upgrade(settings: AuthSettings) -> int:
    """Upgrade and print the revisions; does nothing on a current schema."""
    engine = create_engine(settings, application_name=NAME)
    try:
        before, after = await MIGRATIONS.upgrade(engine)
    finally:
        await engine.dispose()
    done = f"is at {after}" if before == after else f"upgraded from {before or 'empty'} to {after}"
    sys.stdout.write(f"schema {SCHEMA}: {done}\n")
    return 0


if __name__ == "__main__":
    sys.exit(run(upgrade, name=NAME))
