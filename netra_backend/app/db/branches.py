"""The branches of a thread: statements over the parents of messages."""

from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, ScalarSelect, func, literal, select

from netra_backend.app.db.tables import messages, threads

MAX_DEPTH = 100_000  # bounds the recursion of a damaged thread; far above any conversation


def active_leaf(thread_id: UUID) -> ScalarSelect[Any]:
    """Select the last message of the thread's active branch; null in an empty thread."""
    newest = (
        select(messages.c.id)
        .where(messages.c.thread_id == thread_id)
        .order_by(messages.c.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(func.coalesce(threads.c.active_leaf, newest))
        .where(threads.c.id == thread_id)
        .scalar_subquery()
    )


def ancestors(thread_id: UUID, leaf: UUID | ScalarSelect[Any]) -> CTE:
    """Select ``id`` and ``depth`` of a message (depth 0) and of those before it in its branch."""
    chain = (
        select(messages.c.id, messages.c.parent_id, literal(0).label("depth"))
        .where(messages.c.thread_id == thread_id, messages.c.id == leaf)
        .cte("chain", recursive=True)
    )
    return chain.union_all(
        select(messages.c.id, messages.c.parent_id, chain.c.depth + 1).where(
            messages.c.thread_id == thread_id,
            messages.c.id == chain.c.parent_id,
            chain.c.depth < MAX_DEPTH,
        )
    )


def descendants(thread_id: UUID, message_id: UUID) -> CTE:
    """Select ``id`` and ``position`` of a message and of all messages that follow it."""
    tree = (
        select(messages.c.id, messages.c.position)
        .where(messages.c.thread_id == thread_id, messages.c.id == message_id)
        .cte("tree", recursive=True)
    )
    return tree.union_all(
        select(messages.c.id, messages.c.position).where(
            messages.c.thread_id == thread_id, messages.c.parent_id == tree.c.id
        )
    )


def newest_leaf(thread_id: UUID, message_id: UUID) -> ScalarSelect[Any]:
    """Select the newest message among a message and those that follow it.

    It has no successor: a message has a higher position than its parent.
    """
    tree = descendants(thread_id, message_id)
    return select(tree.c.id).order_by(tree.c.position.desc()).limit(1).scalar_subquery()


def same_parent(parent_id: UUID | None) -> ColumnElement[bool]:
    """Return the condition for the messages with a parent; None for the first messages."""
    return messages.c.parent_id.is_not_distinct_from(parent_id)
