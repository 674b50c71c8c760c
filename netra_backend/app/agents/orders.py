"""A run as it travels from the command to the executor and back."""

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

    ``prompt`` is the message as stored, without credentials; ``tokens`` are those credentials.
    """

    run_id: UUID
    thread_id: UUID
    message_id: UUID
    user_id: UUID
    roles: tuple[str, ...]
    prompt: str
    tokens: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run ended: what is stored, and the event that tells it.

    ``messages`` are AG-UI messages, ``usage`` a list of AG-UI ``TokenUsage``, ``terminal`` the
    run's last AG-UI event; all as JSON data.
    """

    status: RunStatus
    error_code: str | None
    messages: list[dict[str, Any]]
    usage: list[dict[str, Any]] | None
    terminal: dict[str, Any]
