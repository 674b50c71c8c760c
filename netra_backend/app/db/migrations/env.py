"""Alembic's entry: runs the scripts on the connection of ``netra_shared.stores.migrations``."""

from alembic import context

from netra_backend.app.db.tables import metadata

configuration = context.config
context.configure(
    connection=configuration.attributes["connection"],
    target_metadata=metadata,
    version_table_schema=configuration.attributes["schema"],
    include_schemas=True,
)
with context.begin_transaction():
    context.run_migrations()
