"""Threads, messages and runs as the rest of the code sees them: plain frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

FinishReason = Literal["stop", "length", "content_filter"]
DecisionOutcome = Literal["approved", "declined", "dismissed"]
RunStatus = Literal["running", "completed", "cancelled", "interrupted", "failed"]

ItemType = TypeVar("ItemType")


@dataclass(frozen=True, slots=True)
class Thread:
    """One conversation of one user."""

    id: UUID
    owner_id: UUID
    title: str | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    active_run_id: UUID | None


@dataclass(frozen=True, slots=True)
class Siblings:
    """The messages with the same parent, oldest first: one for each branch.

    ``previous`` and ``next`` are the neighbours of the message at ``index``.
    """

    index: int
    count: int
    previous: UUID | None
    next: UUID | None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message; ``body`` is an AG-UI message as clients know it (camelCase)."""

    id: UUID
    position: int
    run_id: UUID | None
    parent_id: UUID | None
    body: dict[str, Any]
    created_at: datetime
    siblings: Siblings | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the thread's owner decided about one AG-UI interrupt.

    ``dismissed``: a new message was sent in place of an answer, which declines the call.
    """

    interrupt_id: str
    tool_call_id: str | None
    outcome: DecisionOutcome
    reason: str | None
    edited_args: dict[str, Any] | None
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One answer of the agent.

    ``released_at`` is None as long as the run holds the thread. ``interrupts`` are the AG-UI
    interrupts that wait for a person; ``parent_run_id`` is the run whose interrupts this one
    answers. ``finish_reason`` is None unless the run completed. ``decisions`` is the record of the
    interrupts that were answered. ``step_times``: start and end in Unix ms of tool calls and
    thoughts, by id.
    """

    id: UUID
    thread_id: UUID
    message_id: UUID
    status: RunStatus
    error_code: str | None
    model: str
    usage: list[dict[str, Any]] | None
    trace_id: str | None
    created_at: datetime
    finished_at: datetime | None
    released_at: datetime | None
    parent_run_id: UUID | None
    interrupts: list[dict[str, Any]] | None
    finish_reason: FinishReason | None
    step_times: dict[str, list[int | None]] | None
    decisions: list[Decision] | None


@dataclass(frozen=True, slots=True)
class Page(Generic[ItemType]):
    """Part of a listing; ``next_cursor`` is None on the last page."""

    items: Sequence[ItemType]
    next_cursor: str | None
