"""Runs that outlive their process: a journal of steps, transfer, and answers to interrupts.

Runs started before this migration have ``format`` 0: they have no journal, and are ended rather
than resumed when their instance is lost.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

_UPGRADE = """
ALTER TABLE netra.runs
    ADD COLUMN format smallint NOT NULL DEFAULT 0,
    ADD COLUMN attempt integer NOT NULL DEFAULT 1,
    ADD COLUMN losses integer NOT NULL DEFAULT 0,
    ADD COLUMN handed_over boolean NOT NULL DEFAULT false,
    ADD COLUMN roles jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN parent_run_id uuid,
    ADD COLUMN answers jsonb,
    ADD COLUMN interrupts jsonb,
    ADD COLUMN paused_messages text,
    ADD COLUMN answered_at timestamptz;
COMMENT ON COLUMN netra.runs.format IS 'Version of the journal; 0: the run has none.';
COMMENT ON COLUMN netra.runs.answers IS 'AG-UI resume entries of this run.';
COMMENT ON COLUMN netra.runs.interrupts IS 'AG-UI interrupts it ended with.';
COMMENT ON COLUMN netra.runs.paused_messages IS 'What the model needs to go on after them.';

CREATE TABLE netra.run_steps (
    run_id uuid NOT NULL REFERENCES netra.runs (id) ON DELETE CASCADE,
    key text NOT NULL,
    value text,
    begun_at timestamptz NOT NULL DEFAULT now(),
    done_at timestamptz,
    PRIMARY KEY (run_id, key)
);
COMMENT ON COLUMN netra.run_steps.value
    IS 'JSON as text: a model may say U+0000, which JSONB refuses.';
"""

_DOWNGRADE = """
DROP TABLE netra.run_steps;
ALTER TABLE netra.runs
    DROP COLUMN format, DROP COLUMN attempt, DROP COLUMN losses, DROP COLUMN handed_over,
    DROP COLUMN roles, DROP COLUMN parent_run_id, DROP COLUMN answers, DROP COLUMN interrupts,
    DROP COLUMN paused_messages, DROP COLUMN answered_at;
"""


def upgrade() -> None:
    for statement in filter(None, (part.strip() for part in _UPGRADE.split(";\n"))):
        op.execute(statement.removesuffix(";"))


def downgrade() -> None:
    for statement in filter(None, (part.strip() for part in _DOWNGRADE.split(";\n"))):
        op.execute(statement.removesuffix(";"))
