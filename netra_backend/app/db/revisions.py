"""The revisions of the schema ``netra`` that this code knows."""

from pathlib import Path

from netra_backend.app.db.tables import SCHEMA
from netra_shared.stores.schema_revisions import SchemaRevisions, read_revisions


def backend_revisions() -> SchemaRevisions:
    """Return head and predecessors, read from the migration scripts."""
    return read_revisions(Path(__file__).with_name("migrations") / "versions", SCHEMA)
