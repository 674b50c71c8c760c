"""Where the backend's migrations live."""

from pathlib import Path

from netra_backend.app.db.tables import SCHEMA
from netra_shared.stores.migrations import Migrations

MIGRATIONS_FOLDER = Path(__file__).with_name("migrations")


def backend_migrations() -> Migrations:
    """Return the migrations of the schema ``netra``."""
    return Migrations(MIGRATIONS_FOLDER, SCHEMA)
