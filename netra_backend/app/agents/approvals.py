"""Human approval: a paused run's interrupts, and the answers with which another run goes on."""

from collections.abc import Sequence
from typing import Any

from ag_ui.core import ResumeEntry
from pydantic_ai import DeferredToolRequests, DeferredToolResults, ToolApproved, ToolDenied
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter
from pydantic_ai.run import AgentRunResult

from netra_backend.app.agents.tools import Answer
from netra_backend.app.runs.errors import AnswerRefused

_PREFIX = "int-"  # pydantic-ai's interrupt id is this and the id of the call
MAX_REASON_CHARACTERS = 2_000


def check_answers(
    interrupts: Sequence[dict[str, Any]], answers: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return ``answers`` as they are stored: exactly one for each interrupt.

    Args:
        interrupts: AG-UI interrupts of the paused run.
        answers: AG-UI resume entries: ``interruptId``, ``status`` ``resolved`` or ``cancelled``,
                and for ``resolved`` a ``payload`` of ``approved`` and, optionally, ``reason`` or
            ``editedArgs``.

    Raises:
        AnswerRefused: an interrupt has no answer, or an answer has another form.
    """
    waiting = {interrupt["id"] for interrupt in interrupts}
    given = [answer.get("interruptId") for answer in answers]
    if len(given) != len(set(given)) or set(given) != waiting:
        raise AnswerRefused(f"Answer each of these interrupts once: {', '.join(sorted(waiting))}.")
    return [_checked(answer) for answer in answers]


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    stored = {"interruptId": answer["interruptId"], "status": answer.get("status")}
    if stored["status"] == "cancelled":
        return stored
    payload = answer.get("payload")
    if stored["status"] != "resolved" or not isinstance(payload, dict):
        raise AnswerRefused("`status` must be `cancelled`, or `resolved` with a `payload` object.")
    approved, reason = payload.get("approved"), payload.get("reason") or ""
    if not isinstance(approved, bool):
        # Nothing but true may ever execute the call: no 1, no "yes".
        raise AnswerRefused("`payload.approved` must be true or false.")
    if not isinstance(reason, str) or len(reason) > MAX_REASON_CHARACTERS:
        raise AnswerRefused(
            f"`payload.reason` must be a text of at most {MAX_REASON_CHARACTERS} characters."
        )
    edited = payload.get("editedArgs")
    if edited is not None and not isinstance(edited, dict):
        raise AnswerRefused("`payload.editedArgs` must be an object: the call's arguments.")
    return stored | {"payload": {"approved": approved, "reason": reason, "editedArgs": edited}}


def deferred_results(answers: Sequence[dict[str, Any]]) -> DeferredToolResults | None:
    """Return checked answers as the agent takes them; None when there are none."""
    if not answers:
        return None
    approvals: dict[str, bool | ToolApproved | ToolDenied] = {}
    decision: ToolApproved | ToolDenied
    for answer in answers:
        entry = ResumeEntry.model_validate(answer)
        payload = answer.get("payload") or {"approved": False, "reason": "Cancelled by the user."}
        if payload["approved"]:
            decision = ToolApproved(override_args=payload["editedArgs"])
        else:
            decision = ToolDenied(payload["reason"]) if payload["reason"] else ToolDenied()
        approvals[entry.interrupt_id.removeprefix(_PREFIX)] = decision
    return DeferredToolResults(approvals=approvals)


def paused_messages(result: AgentRunResult[Answer], history: int) -> str | None:
    """Return what a run said after its ``history`` messages, as JSON, when it was paused."""
    if not isinstance(result.output, DeferredToolRequests):
        return None
    return ModelMessagesTypeAdapter.dump_json(result.all_messages()[history:]).decode()


def load_paused(messages: str | None) -> list[ModelMessage]:
    """Return what ``paused_messages`` wrote."""
    return ModelMessagesTypeAdapter.validate_json(messages) if messages else []
