"""What a person decided about the calls that a run asked approval for: the record of it."""

from collections.abc import Mapping
from typing import Any

from netra_backend.app.threads.values import Decision, DecisionOutcome, Run


def run_of(row: Mapping[str, Any]) -> Run:
    """Return a run from a row of ``queries.run_page``.

    The row's ``asked`` are the AG-UI interrupts of the run, ``answers`` the AG-UI resume entries
    of the run that continued it, and ``answered_at`` the time of either an answer or a new
    message in its place, which dismisses the calls.
    """
    columns = dict(row)
    asked, answers = columns.pop("asked"), columns.pop("answers")
    answered_at = columns.pop("answered_at")
    pending = asked if answered_at is None else None
    decisions = None
    if asked and answered_at is not None:
        by_id = {answer["interruptId"]: answer for answer in answers or ()}
        decisions = [_decision(item, by_id.get(item["id"]), answered_at) for item in asked]
    return Run(**columns, interrupts=pending, decisions=decisions)


def _decision(interrupt: Mapping[str, Any], answer: Mapping[str, Any] | None, at: Any) -> Decision:
    payload = (answer or {}).get("payload") or {}
    outcome: DecisionOutcome = "dismissed"
    if answer is not None:
        outcome = "approved" if payload.get("approved") is True else "declined"
    return Decision(
        interrupt_id=interrupt["id"],
        tool_call_id=interrupt.get("toolCallId"),
        outcome=outcome,
        reason=payload.get("reason") or None,
        edited_args=payload.get("editedArgs"),
        decided_at=at,
    )
