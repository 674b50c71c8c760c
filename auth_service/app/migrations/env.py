"""Entry point of Alembic.

Runs the scripts on the connection of ``netra_shared.stores.migrations``.
"""

from alembic import context

from auth_service.app.accounts.models import UserRow
from auth_service.app.database import Base
from auth_service.app.keys.models import SigningKeyRow
from auth_service.app.sessions.models import RefreshTokenRow, SessionRow

# Imported so that the metadata is complete.
TABLES = (UserRow, SessionRow, RefreshTokenRow, SigningKeyRow)

schema = context.config.attributes["schema"]
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table_schema=schema,
    include_schemas=True,
)
with context.begin_transaction():
    context.run_migrations()
