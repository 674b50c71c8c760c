"""When each tool call and each thought of a run started and ended."""

from alembic import op

revision = "0006"
down_revision = "0005"

_UPGRADE = """
ALTER TABLE netra.runs ADD COLUMN step_times jsonb;
COMMENT ON COLUMN netra.runs.step_times IS 'Start and end of each step, Unix ms, by its id.';
"""

_DOWNGRADE = """
ALTER TABLE netra.runs DROP COLUMN step_times;
"""


def upgrade() -> None:
    for statement in filter(None, (part.strip() for part in _UPGRADE.split(";\n"))):
        op.execute(statement.removesuffix(";"))


def downgrade() -> None:
    for statement in filter(None, (part.strip() for part in _DOWNGRADE.split(";\n"))):
        op.execute(statement.removesuffix(";"))
