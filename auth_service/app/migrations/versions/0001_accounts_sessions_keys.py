"""Accounts, sessions with their refresh tokens, and signing keys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "auth"
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", TIME, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="users_pkey"),
        sa.UniqueConstraint("email_key", name="users_email_key_key"),
        schema=SCHEMA,
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_used_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.Column("revocation_reason", sa.Text(), nullable=True),
        sa.Column("announced_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="sessions_pkey"),
        sa.ForeignKeyConstraint(
            ["user_id"], [f"{SCHEMA}.users.id"], name="sessions_user_id_fkey", ondelete="CASCADE"
        ),
        schema=SCHEMA,
    )
    op.create_index("sessions_user_id_idx", "sessions", ["user_id"], schema=SCHEMA)
    op.create_index("sessions_expires_at_idx", "sessions", ["expires_at"], schema=SCHEMA)
    op.create_index("sessions_revoked_at_idx", "sessions", ["revoked_at"], schema=SCHEMA)
    op.create_index(
        "sessions_unannounced_idx",
        "sessions",
        ["revoked_at"],
        schema=SCHEMA,
        postgresql_where=sa.text("revoked_at IS NOT NULL AND announced_at IS NULL"),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("spent_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name="refresh_tokens_pkey"),
        sa.ForeignKeyConstraint(
            ["session_id"],
            [f"{SCHEMA}.sessions.id"],
            name="refresh_tokens_session_id_fkey",
            ondelete="CASCADE",
        ),
        schema=SCHEMA,
    )
    op.create_index(
        "refresh_tokens_session_id_idx", "refresh_tokens", ["session_id"], schema=SCHEMA
    )
    op.create_index(
        "refresh_tokens_expires_at_idx", "refresh_tokens", ["expires_at"], schema=SCHEMA
    )
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(32), nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("signs_from", TIME, nullable=False),
        sa.PrimaryKeyConstraint("kid", name="signing_keys_pkey"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in ("signing_keys", "refresh_tokens", "sessions", "users"):
        op.drop_table(table, schema=SCHEMA)
