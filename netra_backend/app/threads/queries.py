"""The statements that read threads, messages and runs. Every one is bound to an owner."""

from collections.abc import Collection
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, or_, select, tuple_

from netra_backend.app.db.branches import active_leaf, ancestors
from netra_backend.app.db.tables import messages, runs, threads
from netra_backend.app.threads.cursor import (
    ListingCursor,
    PositionCursor,
    TimeCursor,
    from_microseconds,
)
from netra_backend.app.threads.search import matching_threads

Order = Literal["asc", "desc"]

_active_run = (
    select(runs.c.id)
    .where(runs.c.thread_id == threads.c.id, runs.c.released_at.is_(None))
    .scalar_subquery()
)

_thread_columns = (
    threads.c.id,
    threads.c.owner_id,
    threads.c.title,
    threads.c.created_at,
    threads.c.updated_at,
    threads.c.deleted_at,
    _active_run.label("active_run_id"),
)

_message_columns = (
    messages.c.id,
    messages.c.position,
    messages.c.run_id,
    messages.c.parent_id,
    messages.c.body,
    messages.c.created_at,
)

_continued = runs.alias("continued")
_answers = (
    select(_continued.c.answers)
    .where(
        _continued.c.thread_id == runs.c.thread_id,
        _continued.c.parent_run_id == runs.c.id,
    )
    .order_by(_continued.c.created_at)
    .limit(1)
    .correlate(runs)
    .scalar_subquery()
)

_run_columns = (
    runs.c.id,
    runs.c.thread_id,
    runs.c.message_id,
    runs.c.status,
    runs.c.error_code,
    runs.c.model,
    runs.c.usage,
    runs.c.trace_id,
    runs.c.created_at,
    runs.c.finished_at,
    runs.c.released_at,
    runs.c.parent_run_id,
    runs.c.finish_reason,
    runs.c.step_times,
    runs.c.interrupts.label("asked"),
    runs.c.answered_at,
    # Only a run that asked has a run that continued it.
    case((runs.c.answered_at.is_not(None), _answers)).label("answers"),
)


def one_thread(owner_id: UUID, thread_id: UUID) -> Select[Any]:
    """Select a thread of ``owner_id``, deleted or not."""
    return select(*_thread_columns).where(threads.c.id == thread_id, threads.c.owner_id == owner_id)


def thread_page(
    owner_id: UUID, *, limit: int, after: ListingCursor | None, search: str | None, deleted: bool
) -> Select[Any]:
    """Select ``limit + 1`` threads, last used first; the extra row indicates a next page."""
    floor = after.floor if after else None
    in_bin = threads.c.deleted_at.is_not(None) if deleted else threads.c.deleted_at.is_(None)
    statement = select(*_thread_columns).where(threads.c.owner_id == owner_id, in_bin)
    if after is not None and after.at is not None:
        key = tuple_(threads.c.updated_at, threads.c.id)
        statement = statement.where(key < tuple_(from_microseconds(after.at), after.id))
    if floor is not None:
        statement = statement.where(threads.c.updated_at > from_microseconds(floor))
    if search:
        statement = statement.where(matching_threads(owner_id, search))
    return statement.order_by(threads.c.updated_at.desc(), threads.c.id.desc()).limit(limit + 1)


def branch_messages(
    owner_id: UUID, thread_id: UUID, *, limit: int, after: PositionCursor | None
) -> Select[Any]:
    """Select the active branch as ``message_page`` does, oldest first."""
    return message_page(owner_id, thread_id, limit=limit, after=after, order="asc")


def all_messages(
    owner_id: UUID, thread_id: UUID, *, limit: int, after: PositionCursor | None
) -> Select[Any]:
    """Select ``limit + 1`` messages of all branches of a thread, oldest first."""
    statement = (
        select(*_message_columns)
        .join(threads, threads.c.id == messages.c.thread_id)
        .where(threads.c.id == thread_id, threads.c.owner_id == owner_id)
    )
    if after is not None:
        statement = statement.where(messages.c.position > after.position)
    return statement.order_by(messages.c.position).limit(limit + 1)


def message_page(
    owner_id: UUID, thread_id: UUID, *, limit: int, after: PositionCursor | None, order: Order
) -> Select[Any]:
    """Select ``limit + 1`` messages of the active branch of a thread that is not deleted."""
    branch = ancestors(thread_id, active_leaf(thread_id))
    statement = (
        select(*_message_columns)
        .join(threads, threads.c.id == messages.c.thread_id)
        .join(branch, branch.c.id == messages.c.id)
        .where(
            threads.c.id == thread_id,
            threads.c.owner_id == owner_id,
            threads.c.deleted_at.is_(None),
        )
        .limit(limit + 1)
    )
    position = messages.c.position
    if after is not None:
        beyond = position > after.position if order == "asc" else position < after.position
        statement = statement.where(beyond)
    return statement.order_by(position.asc() if order == "asc" else position.desc())


def sibling_ids(thread_id: UUID, parents: Collection[UUID | None]) -> Select[Any]:
    """Select ``parent_id`` and ``id`` of all messages with these parents, oldest first."""
    known = [parent for parent in parents if parent is not None]
    condition: ColumnElement[bool] = messages.c.parent_id.in_(known)
    if None in parents:
        condition = or_(condition, messages.c.parent_id.is_(None))
    return (
        select(messages.c.parent_id, messages.c.id)
        .where(messages.c.thread_id == thread_id, condition)
        .order_by(messages.c.position)
    )


def run_page(
    owner_id: UUID, thread_id: UUID, *, limit: int, after: TimeCursor | None
) -> Select[Any]:
    """Select ``limit + 1`` runs of a thread, newest first."""
    statement = select(*_run_columns).where(
        runs.c.thread_id == thread_id, runs.c.owner_id == owner_id
    )
    if after is not None:
        key = tuple_(runs.c.created_at, runs.c.id)
        statement = statement.where(key < tuple_(after.at, after.id))
    return statement.order_by(runs.c.created_at.desc(), runs.c.id.desc()).limit(limit + 1)
