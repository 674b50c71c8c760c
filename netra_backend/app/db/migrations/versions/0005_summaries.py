"""Summaries of the earlier part of long threads, which the model receives in its place."""

from alembic import op

revision = "0005"
down_revision = "0004"

_UPGRADE = """
CREATE TABLE netra.summaries (
    thread_id uuid NOT NULL,
    message_id uuid NOT NULL,
    run_id uuid NOT NULL,
    content text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (thread_id, message_id),
    FOREIGN KEY (thread_id, message_id) REFERENCES netra.messages (thread_id, id)
        ON DELETE CASCADE
);
COMMENT ON COLUMN netra.summaries.message_id IS 'The last message that the summary covers.';
"""

_DOWNGRADE = """
DROP TABLE netra.summaries;
"""


def upgrade() -> None:
    for statement in filter(None, (part.strip() for part in _UPGRADE.split(";\n"))):
        op.execute(statement.removesuffix(";"))


def downgrade() -> None:
    for statement in filter(None, (part.strip() for part in _DOWNGRADE.split(";\n"))):
        op.execute(statement.removesuffix(";"))
