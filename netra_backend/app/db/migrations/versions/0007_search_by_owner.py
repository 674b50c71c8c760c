"""The words of messages indexed by owner: a search reads the caller's messages alone.

The index was on the words of all owners, so that a common word cost as much as the platform is
large. A trigger fills the owner: during a rollout the older revision writes messages without it.
``btree_gin`` is a trusted extension: who may create objects in the database may install it.
"""

from alembic import op

revision = "0007"
down_revision = "0006"

_UPGRADE = (
    "CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public",
    "ALTER TABLE netra.messages ADD COLUMN owner_id uuid",
    """
    UPDATE netra.messages AS m SET owner_id = t.owner_id
    FROM netra.threads AS t WHERE t.id = m.thread_id
    """,
    "ALTER TABLE netra.messages ALTER COLUMN owner_id SET NOT NULL",
    """
    CREATE FUNCTION netra.message_owner() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.owner_id := (SELECT owner_id FROM netra.threads WHERE id = NEW.thread_id);
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER message_owner BEFORE INSERT ON netra.messages
    FOR EACH ROW EXECUTE FUNCTION netra.message_owner()
    """,
    "CREATE INDEX messages_owner_search ON netra.messages USING gin (owner_id, search)",
    "DROP INDEX netra.messages_search",
    "COMMENT ON COLUMN netra.messages.owner_id IS 'Of the thread; filled by a trigger.'",
)

# The extension remains: other objects of the database may use it.
_DOWNGRADE = (
    "CREATE INDEX messages_search ON netra.messages USING gin (search)",
    "DROP INDEX netra.messages_owner_search",
    "DROP TRIGGER message_owner ON netra.messages",
    "DROP FUNCTION netra.message_owner()",
    "ALTER TABLE netra.messages DROP COLUMN owner_id",
)


def upgrade() -> None:
    for statement in _UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWNGRADE:
        op.execute(statement)
