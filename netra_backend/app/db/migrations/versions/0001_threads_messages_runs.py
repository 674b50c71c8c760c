"""Threads, their messages, the runs that answer them, and the searchable runbook."""

from alembic import op

revision = "0001"
down_revision = None

_UPGRADE = """
CREATE TABLE netra.threads (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL,
    title text,
    next_position bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);
CREATE INDEX threads_owner_recent ON netra.threads (owner_id, updated_at DESC, id DESC);

CREATE TABLE netra.messages (
    thread_id uuid NOT NULL REFERENCES netra.threads (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    position bigint NOT NULL,
    run_id uuid,
    role text NOT NULL
        CONSTRAINT messages_role CHECK (role IN ('user', 'assistant', 'tool', 'reasoning')),
    body jsonb NOT NULL,
    text text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    search tsvector GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, left(text, 200000)))
        STORED,
    PRIMARY KEY (thread_id, id),
    CONSTRAINT messages_position UNIQUE (thread_id, position)
);
COMMENT ON COLUMN netra.messages.body IS 'An AG-UI message, as it goes to clients.';
CREATE INDEX messages_search ON netra.messages USING gin (search);

CREATE TABLE netra.runs (
    id uuid PRIMARY KEY,
    thread_id uuid NOT NULL REFERENCES netra.threads (id) ON DELETE CASCADE,
    owner_id uuid NOT NULL,
    command_id uuid NOT NULL,
    message_id uuid NOT NULL,
    request_digest text NOT NULL,
    status text NOT NULL CONSTRAINT runs_status
        CHECK (status IN ('running', 'completed', 'cancelled', 'interrupted', 'failed')),
    error_code text,
    model text NOT NULL,
    usage jsonb,
    instance_id text NOT NULL,
    lease_expires_at timestamptz NOT NULL,
    cancel_reason text,
    trace_id text,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    terminal_event jsonb,
    released_at timestamptz,
    CONSTRAINT runs_command UNIQUE (owner_id, command_id)
);
COMMENT ON COLUMN netra.runs.request_digest IS 'SHA-256 of what was asked.';
COMMENT ON COLUMN netra.runs.usage IS 'A list of AG-UI TokenUsage.';
COMMENT ON COLUMN netra.runs.cancel_reason IS 'Set by whoever wants the run to end.';
COMMENT ON COLUMN netra.runs.terminal_event IS 'The AG-UI event that ends the run.';
CREATE UNIQUE INDEX runs_one_active_per_thread ON netra.runs (thread_id)
    WHERE released_at IS NULL;
CREATE INDEX runs_lease ON netra.runs (lease_expires_at) WHERE released_at IS NULL;
CREATE INDEX runs_thread_recent ON netra.runs (thread_id, created_at DESC, id DESC);

CREATE TABLE netra.runbook_sections (
    path text NOT NULL,
    position integer NOT NULL,
    page text NOT NULL,
    heading text NOT NULL,
    anchor text NOT NULL,
    body text NOT NULL,
    search tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('english'::regconfig, page || ' ' || heading), 'A')
        || setweight(to_tsvector('english'::regconfig, body), 'B')
    ) STORED,
    PRIMARY KEY (path, position)
);
CREATE INDEX runbook_sections_search ON netra.runbook_sections USING gin (search);

CREATE TABLE netra.runbook_state (
    id smallint PRIMARY KEY DEFAULT 1 CONSTRAINT runbook_state_single_row CHECK (id = 1),
    digest text NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN netra.runbook_state.digest IS 'SHA-256 of the loaded pages.';
"""


def upgrade() -> None:
    for statement in filter(None, (part.strip() for part in _UPGRADE.split(";\n"))):
        op.execute(statement.removesuffix(";"))


def downgrade() -> None:
    for table in ("runbook_state", "runbook_sections", "runs", "messages", "threads"):
        op.execute(f"DROP TABLE netra.{table}")
