"""Successors of spent refresh tokens, and an outbox for deleted sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "auth"
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "refresh_tokens",
        sa.Column("sealed_successor", sa.LargeBinary(), nullable=True),
        schema=SCHEMA,
    )
    op.create_table(
        "deleted_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revoked_at", TIME, nullable=False),
        sa.Column("announced_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="deleted_sessions_pkey"),
        schema=SCHEMA,
    )
    op.create_index(
        "deleted_sessions_revoked_at_idx", "deleted_sessions", ["revoked_at"], schema=SCHEMA
    )
    op.execute(
        """
        CREATE FUNCTION auth.record_deleted_session() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO auth.deleted_sessions (id, revoked_at)
            VALUES (OLD.id, clock_timestamp()) ON CONFLICT DO NOTHING;
            RETURN NULL;
        END
        $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER record_deleted_session AFTER DELETE ON auth.sessions FOR EACH ROW
        WHEN (OLD.revoked_at IS NULL AND OLD.expires_at > now())
        EXECUTE FUNCTION auth.record_deleted_session()
        """
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER record_deleted_session ON auth.sessions")
    op.execute("DROP FUNCTION auth.record_deleted_session()")
    op.drop_table("deleted_sessions", schema=SCHEMA)
    op.drop_column("refresh_tokens", "sealed_successor", schema=SCHEMA)
