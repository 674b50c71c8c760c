"""The values of a run: the commands that start it, its specification, and its outcome.

The commands are the only shape of ``run.start`` and ``run.resume`` from the socket to the run
service. They import no agent framework, so the gateway and the agent process share them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

import msgspec

from netra_shared.auth.tokens import Claims

RunStatus = Literal["completed", "cancelled", "interrupted", "failed"]
FinishReason = Literal["stop", "length", "content_filter"]
"""Why the model ended its answer: complete, at its length limit, or by a content filter."""
FINISH_REASON = "finishReason"  # the key in the metadata of RUN_FINISHED
Times = dict[str, list[int | None]]
"""Start and end in Unix ms by tool call id or reasoning message id; None: not known."""
OnBusy = Literal["reject", "interrupt"]


class StartRun(msgspec.Struct, frozen=True, kw_only=True):
    """Store a user message and start the run that answers it.

    Attributes:
        user: the caller.
        thread_id: a thread of the caller.
        command_id: created by the client; one per command, so that the command is idempotent.
        message_id: created by the client; one per message of the thread.
        content: Markdown. It may contain access tokens, so it is never logged.
        on_busy: reject the command while the thread has an active run, or cancel that run.
        parent_id: the message before the new one; None for a first message of the thread, and
            the end of the active branch when it is not given. An edit of a message is a new
            message with the same parent.
        regenerate: answer the stored message ``message_id`` again; ``content`` is ignored.
    """

    user: Claims
    thread_id: UUID
    command_id: UUID
    message_id: UUID
    content: str
    on_busy: OnBusy = "reject"
    parent_id: UUID | msgspec.UnsetType | None = msgspec.UNSET
    regenerate: bool = False

    def __repr__(self) -> str:
        """Leave the content out of logs and tracebacks."""
        return f"StartRun(thread_id={self.thread_id}, command_id={self.command_id})"


class ResumeRun(msgspec.Struct, frozen=True, kw_only=True):
    """Answer the interrupts of the thread's paused run.

    Attributes:
        user: the caller.
        thread_id: a thread of the caller.
        command_id: created by the client; one per command, so that the command is idempotent.
        answers: AG-UI resume entries, one for each interrupt: ``{"interruptId", "status":
            "resolved", "payload": {"approved": bool, "reason"?: str, "editedArgs"?: object}}``
            or ``{"interruptId", "status": "cancelled"}``.
    """

    user: Claims
    thread_id: UUID
    command_id: UUID
    answers: list[dict[str, Any]]


class StartedRun(msgspec.Struct, frozen=True):
    """The answer to ``run.start`` and ``run.resume``: the run exists, its message is committed."""

    run_id: UUID
    thread_id: UUID
    message_id: UUID


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What an executor needs to answer one message.

    Attributes:
        prompt: the message as stored, without credentials.
        tokens: the credentials of the message. They are not stored, so a recovered run has none.
        age_seconds: time since the run started, for a recovered run.
        answers: AG-UI resume entries.
        paused_messages: the model's messages up to the interrupt that ``answers`` resolve, as JSON.
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
    """How a run ended: what is stored, and its terminal event.

    Attributes:
        messages: AG-UI messages, as JSON data.
        usage: a list of AG-UI ``TokenUsage``, as JSON data; None when nothing was measured.
        terminal: the last AG-UI event of the run, as JSON data.
        interrupts: the AG-UI interrupts that a person has to answer before a new run continues
            from ``paused_messages``.
        finish_reason: why the model ended its answer; None for a run that did not complete.
        step_times: of its tool calls and thoughts, by id.
    """

    status: RunStatus
    error_code: str | None
    messages: list[dict[str, Any]]
    usage: list[dict[str, Any]] | None
    terminal: dict[str, Any]
    interrupts: list[dict[str, Any]] | None = None
    paused_messages: str | None = field(default=None, repr=False)
    finish_reason: FinishReason | None = None
    step_times: Times | None = None
