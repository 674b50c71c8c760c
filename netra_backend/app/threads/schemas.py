"""The JSON of the REST routes: camelCase, absent instead of null where AG-UI demands it."""

from datetime import datetime
from typing import Annotated, Any, Generic, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from netra_backend.app.threads.titles import MAX_TITLE_CHARACTERS, clean_title
from netra_backend.app.threads.values import (
    DecisionOutcome,
    FinishReason,
    Page,
    Run,
    RunStatus,
    StoredMessage,
    Thread,
)

ItemType = TypeVar("ItemType")


def _cleaned(value: Any) -> Any:
    """Clean a title before its type and bounds are checked: pydantic refuses lone surrogates."""
    if not isinstance(value, str) or "\x00" in value:
        return value
    return clean_title(value)


Title = Annotated[
    str,
    BeforeValidator(_cleaned),
    # No control characters: a title is one line of text, and PostgreSQL holds no NUL.
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=MAX_TITLE_CHARACTERS,
        pattern=r"^[^\x00-\x1f\x7f]*$",
    ),
]


class _Camel(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, from_attributes=True, frozen=True
    )


class ThreadCreate(_Camel):
    """Body of ``POST /api/threads``; repeating it with the same ``id`` changes nothing."""

    model_config = ConfigDict(extra="forbid")

    id: UUID | None = Field(default=None, description="Made by the client; random if absent.")
    title: Title | None = Field(default=None, description="Absent: taken from the first message.")


class ThreadUpdate(_Camel):
    """Body of ``PATCH /api/threads/{id}``."""

    model_config = ConfigDict(extra="forbid")

    title: Title


class ThreadOut(_Camel):
    """A thread."""

    id: UUID
    title: str | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    active_run_id: UUID | None

    @classmethod
    def of(cls, thread: Thread) -> Self:
        """Return ``thread`` as JSON sees it."""
        return cls.model_validate(thread)


class DecisionOut(_Camel):
    """What the owner decided about one interrupt: ``approved``, ``declined`` or ``dismissed``.

    ``dismissed``: a new message was sent in place of an answer; the call was not made.
    """

    interrupt_id: str
    tool_call_id: str | None
    outcome: DecisionOutcome
    reason: str | None
    edited_args: dict[str, Any] | None
    decided_at: datetime


class RunOut(_Camel):
    """A run. ``usage`` is a list of AG-UI ``TokenUsage``, null when nothing was measured.

    ``interrupts`` are the AG-UI interrupts that wait for ``run.resume``, null when none do.
    ``finishReason`` of a completed run: ``stop``, ``length`` (truncated) or ``content_filter``.
    ``decisions`` of a run whose interrupts were answered: one for each, null otherwise.
    ``stepTimes``: start and end in Unix ms of tool calls and thoughts, by id.
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
    parent_run_id: UUID | None
    interrupts: list[dict[str, Any]] | None
    finish_reason: FinishReason | None
    step_times: dict[str, list[int | None]] | None
    decisions: list[DecisionOut] | None

    @classmethod
    def of(cls, run: Run) -> Self:
        """Return ``run`` as JSON sees it."""
        return cls.model_validate(run)


class SiblingsOut(_Camel):
    """The messages with the same parent: one for each branch; ``index`` starts at 0."""

    index: int
    count: int
    previous: UUID | None
    next: UUID | None


class BranchUpdate(_Camel):
    """Body of ``PUT /api/threads/{id}/branch``: a message of the branch."""

    model_config = ConfigDict(extra="forbid")

    message_id: UUID


class MessageOut(BaseModel):
    """An AG-UI message, with ``runId``, ``parentId``, ``siblings`` and ``createdAt`` beside it."""

    model_config = ConfigDict(extra="allow", from_attributes=True)

    id: UUID
    role: str
    runId: UUID | None  # noqa: N815  the wire's name; AG-UI's own members come through as they are
    parentId: UUID | None  # noqa: N815  as above
    siblings: SiblingsOut | None
    createdAt: datetime  # noqa: N815  as above

    @classmethod
    def of(cls, message: StoredMessage) -> Self:
        """Return ``message`` as JSON sees it."""
        return cls.model_validate(
            {
                **message.body,
                "runId": message.run_id,
                "parentId": message.parent_id,
                "siblings": message.siblings,
                "createdAt": message.created_at,
            }
        )


class PageOut(_Camel, Generic[ItemType]):
    """One page of a listing; pass ``nextCursor`` as ``cursor`` to get the next."""

    items: list[ItemType]
    next_cursor: str | None


def thread_page(page: Page[Thread]) -> PageOut[ThreadOut]:
    """Return a page of threads as JSON sees it."""
    return PageOut(items=[ThreadOut.of(item) for item in page.items], next_cursor=page.next_cursor)


def message_page(page: Page[StoredMessage]) -> PageOut[MessageOut]:
    """Return a page of messages as JSON sees it."""
    return PageOut(items=[MessageOut.of(item) for item in page.items], next_cursor=page.next_cursor)


def run_page(page: Page[Run]) -> PageOut[RunOut]:
    """Return a page of runs as JSON sees it."""
    return PageOut(items=[RunOut.of(item) for item in page.items], next_cursor=page.next_cursor)
