"""Messages have a parent, so that a thread has branches; a thread has an active branch.

The parent of each existing message is the message before it in its thread.
"""

from alembic import op

revision = "0004"
down_revision = "0003"

_UPGRADE = """
ALTER TABLE netra.messages ADD COLUMN parent_id uuid;
ALTER TABLE netra.threads ADD COLUMN active_leaf uuid;
UPDATE netra.messages AS message SET parent_id = before.parent_id
FROM (
    SELECT thread_id, id,
        lag(id) OVER (PARTITION BY thread_id ORDER BY position) AS parent_id
    FROM netra.messages
) AS before
WHERE message.thread_id = before.thread_id AND message.id = before.id
    AND before.parent_id IS NOT NULL;
CREATE INDEX messages_parent ON netra.messages (thread_id, parent_id);
COMMENT ON COLUMN netra.messages.parent_id IS 'The message before it in its branch.';
COMMENT ON COLUMN netra.threads.active_leaf IS 'Last message of the active branch; null: newest.';
"""

_DOWNGRADE = """
DROP INDEX netra.messages_parent;
ALTER TABLE netra.messages DROP COLUMN parent_id;
ALTER TABLE netra.threads DROP COLUMN active_leaf;
"""


def upgrade() -> None:
    for statement in filter(None, (part.strip() for part in _UPGRADE.split(";\n"))):
        op.execute(statement.removesuffix(";"))


def downgrade() -> None:
    for statement in filter(None, (part.strip() for part in _DOWNGRADE.split(";\n"))):
        op.execute(statement.removesuffix(";"))
