"""Human approval: the answers to interrupts, and the messages of a paused run."""

from collections.abc import Sequence
from typing import Any

from ag_ui.core import ResumeEntry
from pydantic_ai import DeferredToolRequests, DeferredToolResults, ToolApproved, ToolDenied
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter
from pydantic_ai.run import AgentRunResult

from netra_backend.app.agents.tools import Answer

_PREFIX = "int-"  # pydantic-ai's interrupt id is this prefix and the id of the call


def deferred_results(answers: Sequence[dict[str, Any]]) -> DeferredToolResults | None:
    """Return validated answers as pydantic-ai expects them; None without answers."""
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
    """Return the messages of a paused run after its ``history``, as JSON; None if not paused."""
    if not isinstance(result.output, DeferredToolRequests):
        return None
    return ModelMessagesTypeAdapter.dump_json(result.all_messages()[history:]).decode()


def load_paused(messages: str | None) -> list[ModelMessage]:
    """Parse the result of ``paused_messages``."""
    return ModelMessagesTypeAdapter.validate_json(messages) if messages else []
