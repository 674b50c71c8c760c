"""Why the model ended the answer of a run; plainer comments on columns."""

from alembic import op

revision = "0003"
down_revision = "0002"

_UPGRADE = """
ALTER TABLE netra.runs ADD COLUMN finish_reason text;
COMMENT ON COLUMN netra.runs.finish_reason IS 'stop, length or content_filter; of a completed run.';
COMMENT ON COLUMN netra.messages.body IS 'An AG-UI message, as clients receive it.';
COMMENT ON COLUMN netra.runs.request_digest IS 'SHA-256 of the command''s content.';
COMMENT ON COLUMN netra.runs.cancel_reason IS 'Set to request cancellation.';
COMMENT ON COLUMN netra.runs.interrupts IS 'AG-UI interrupts at its end.';
COMMENT ON COLUMN netra.runs.paused_messages IS 'The model''s messages up to the interrupts.';
"""

_DOWNGRADE = """
ALTER TABLE netra.runs DROP COLUMN finish_reason;
"""


def upgrade() -> None:
    for statement in filter(None, (part.strip() for part in _UPGRADE.split(";\n"))):
        op.execute(statement.removesuffix(";"))


def downgrade() -> None:
    for statement in filter(None, (part.strip() for part in _DOWNGRADE.split(";\n"))):
        op.execute(statement.removesuffix(";"))
