"""The tables of the backend, as SQLAlchemy Core: statements are written out, nothing is lazy.

Two rules of the product are constraints here, so that no code path can violate them:

- ``runs_one_active_per_thread``: a thread has at most one run that is not released;
- ``runs_command``: one command id of one user starts at most one run.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR, UUID

SCHEMA = "netra"

metadata = MetaData(schema=SCHEMA)


def _timestamp(name: str, *, nullable: bool = False, default_now: bool = False) -> Column[object]:
    """Return a ``timestamptz`` column; ``default_now`` lets the database's clock fill it."""
    return Column(
        name,
        DateTime(timezone=True),
        nullable=nullable,
        server_default=func.now() if default_now else None,
    )


threads = Table(
    "threads",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("owner_id", UUID(as_uuid=True), nullable=False),
    Column("title", Text),
    # The position of the next message; assigned under the row's lock.
    Column("next_position", BigInteger, nullable=False, server_default=text("1")),
    _timestamp("created_at", default_now=True),
    _timestamp("updated_at", default_now=True),
    _timestamp("deleted_at", nullable=True),
    Column(
        "active_leaf",
        UUID(as_uuid=True),
        comment="Last message of the active branch; null: newest.",
    ),
    Index("threads_owner_recent", "owner_id", text("updated_at DESC"), text("id DESC")),
)

messages = Table(
    "messages",
    metadata,
    # Clients and the encoder create message ids, so they are unique per thread only.
    Column("thread_id", UUID(as_uuid=True), primary_key=True),
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("run_id", UUID(as_uuid=True)),
    Column("role", Text, nullable=False),
    Column("body", JSONB, nullable=False, comment="An AG-UI message, as clients receive it."),
    Column("text", Text, nullable=False, server_default=text("''")),
    _timestamp("created_at", default_now=True),
    Column(
        "search",
        TSVECTOR,
        # A tsvector is limited to 1 MB; 200 000 characters stay well below it.
        Computed("to_tsvector('simple'::regconfig, left(text, 200000))", persisted=True),
    ),
    Column("parent_id", UUID(as_uuid=True), comment="The message before it in its branch."),
    Column(
        "owner_id",
        UUID(as_uuid=True),
        nullable=False,
        server_default=FetchedValue(),
        comment="Of the thread; filled by a trigger.",
    ),
    ForeignKeyConstraint(["thread_id"], [threads.c.id], ondelete="CASCADE"),
    UniqueConstraint("thread_id", "position", name="messages_position"),
    CheckConstraint("role IN ('user', 'assistant', 'tool', 'reasoning')", name="messages_role"),
    Index("messages_parent", "thread_id", "parent_id"),
    Index("messages_owner_search", "owner_id", "search", postgresql_using="gin"),
)

summaries = Table(
    "summaries",
    metadata,
    Column("thread_id", UUID(as_uuid=True), primary_key=True),
    Column(
        "message_id",
        UUID(as_uuid=True),
        primary_key=True,
        comment="The last message that the summary covers.",
    ),
    Column("run_id", UUID(as_uuid=True), nullable=False),
    Column("content", Text, nullable=False),
    _timestamp("created_at", default_now=True),
    ForeignKeyConstraint(
        ["thread_id", "message_id"], [messages.c.thread_id, messages.c.id], ondelete="CASCADE"
    ),
)

runs = Table(
    "runs",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("thread_id", ForeignKey(threads.c.id, ondelete="CASCADE"), nullable=False),
    Column("owner_id", UUID(as_uuid=True), nullable=False),
    Column("command_id", UUID(as_uuid=True), nullable=False),
    Column("message_id", UUID(as_uuid=True), nullable=False),
    Column("request_digest", Text, nullable=False, comment="SHA-256 of the command's content."),
    Column("status", Text, nullable=False),
    Column("error_code", Text),
    Column("model", Text, nullable=False),
    Column("usage", JSONB(none_as_null=True), comment="A list of AG-UI TokenUsage."),
    Column("instance_id", Text, nullable=False),
    _timestamp("lease_expires_at"),
    Column("cancel_reason", Text, comment="Set to request cancellation."),
    Column("trace_id", Text),
    _timestamp("created_at", default_now=True),
    _timestamp("finished_at", nullable=True),
    Column(
        "terminal_event", JSONB(none_as_null=True), comment="The AG-UI event that ends the run."
    ),
    # Set when the terminal event has been published: the thread is released only then, so that
    # no second run starts inside the stream of the first.
    _timestamp("released_at", nullable=True),
    Column(
        "format",
        SmallInteger,
        nullable=False,
        server_default=text("0"),
        comment="Version of the journal; 0: the run has none.",
    ),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("losses", Integer, nullable=False, server_default=text("0")),
    Column("handed_over", Boolean, key="transferred", nullable=False, server_default=text("false")),
    Column("roles", JSONB, nullable=False, server_default=text("'[]'")),
    Column("parent_run_id", UUID(as_uuid=True)),
    Column("answers", JSONB(none_as_null=True), comment="AG-UI resume entries of this run."),
    Column("interrupts", JSONB(none_as_null=True), comment="AG-UI interrupts at its end."),
    Column("paused_messages", Text, comment="The model's messages up to the interrupts."),
    _timestamp("answered_at", nullable=True),
    Column("finish_reason", Text, comment="stop, length or content_filter; of a completed run."),
    Column(
        "step_times",
        JSONB(none_as_null=True),
        comment="Start and end of each step, Unix ms, by its id.",
    ),
    CheckConstraint(
        "status IN ('running', 'completed', 'cancelled', 'interrupted', 'failed')",
        name="runs_status",
    ),
    UniqueConstraint("owner_id", "command_id", name="runs_command"),
    Index(
        "runs_one_active_per_thread",
        "thread_id",
        unique=True,
        postgresql_where=text("released_at IS NULL"),
    ),
    Index("runs_lease", "lease_expires_at", postgresql_where=text("released_at IS NULL")),
    Index("runs_thread_recent", "thread_id", text("created_at DESC"), text("id DESC")),
)

# Only unreleased runs have steps: the journal serves recovery, it is not a record.
run_steps = Table(
    "run_steps",
    metadata,
    Column("run_id", ForeignKey(runs.c.id, ondelete="CASCADE"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, comment="JSON as text: a model may say U+0000, which JSONB refuses."),
    Column(
        "begun_at",
        DateTime(timezone=True),
        key="started_at",
        nullable=False,
        server_default=func.now(),
    ),
    _timestamp("done_at", nullable=True),
)

runbook_sections = Table(
    "runbook_sections",
    metadata,
    Column("path", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("page", Text, nullable=False),
    Column("heading", Text, nullable=False),
    Column("anchor", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column(
        "search",
        TSVECTOR,
        Computed(
            "setweight(to_tsvector('english'::regconfig, page || ' ' || heading), 'A')"
            " || setweight(to_tsvector('english'::regconfig, body), 'B')",
            persisted=True,
        ),
    ),
    Index("runbook_sections_search", "search", postgresql_using="gin"),
)

runbook_state = Table(
    "runbook_state",
    metadata,
    Column("id", SmallInteger, primary_key=True, server_default=text("1")),
    Column("digest", Text, nullable=False, comment="SHA-256 of the loaded pages."),
    _timestamp("loaded_at", default_now=True),
    CheckConstraint("id = 1", name="runbook_state_single_row"),
)
