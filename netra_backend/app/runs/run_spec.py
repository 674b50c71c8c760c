"""A run as it travels from the command to the executor and back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

RunStatus = Literal["completed", "cancelled", "interrupted", "failed"]
OnBusy = Literal["reject", "interrupt"]


@dataclass(frozen=True, slots=True)
class StartedRun:
    """The answer to ``run.start``."""

    run_id: UUID
    thread_id: UUID
    message_id: UUID


@dataclass(frozen=True, slots=True)
class RunOrder:
    """What an executor needs to answer one message.

    ``prompt`` is the message as stored, without credentials; ``tokens`` are those credentials,
    which are kept nowhere: a survivor has none. ``age_seconds`` is how long ago the run began,
    when it was taken over. ``answers`` are AG-UI resume entries, and ``paused_messages`` what
    the model had said until the interrupt that they answer.
    """

    run_id: UUID
    thread_id: UUID
    message_id: UUID
    user_id: UUID
    roles: tuple[str, ...]
    prompt: str
    tokens: tuple[str, ...] = field(default=(), repr=False)
    attempt: int = 1
    age_seconds: float = 0.0
    parent_run_id: UUID | None = None
    answers: Sequence[dict[str, Any]] = ()
    paused_messages: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run ended: what is stored, and the event that tells it.

    ``messages`` are AG-UI messages, ``usage`` a list of AG-UI ``TokenUsage``, ``terminal`` the
    run's last AG-UI event; all as JSON data. ``interrupts`` are what a person has to answer
    before the run can go on, from ``paused_messages``, as another run.
    """

    status: RunStatus
    error_code: str | None
    messages: list[dict[str, Any]]
    usage: list[dict[str, Any]] | None
    terminal: dict[str, Any]
    interrupts: list[dict[str, Any]] | None = None
    paused_messages: str | None = field(default=None, repr=False)
