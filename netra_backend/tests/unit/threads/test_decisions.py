"""The record of a decision is made from the interrupts and the answers that are stored."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from netra_backend.app.threads.decisions import run_of
from netra_backend.app.threads.values import Run

AT = datetime(2026, 1, 1, tzinfo=UTC)
ASKED = [{"id": "int-c", "toolCallId": "c", "message": "Approve?"}]


def run_with(answered_at: datetime | None, answers: list[dict[str, Any]] | None) -> Run:
    run_id: UUID = uuid4()
    return run_of(
        {
            "id": run_id,
            "thread_id": run_id,
            "message_id": run_id,
            "status": "interrupted",
            "error_code": None,
            "model": "m",
            "usage": None,
            "trace_id": None,
            "created_at": AT,
            "finished_at": AT,
            "released_at": AT,
            "parent_run_id": None,
            "finish_reason": None,
            "step_times": None,
            "asked": ASKED,
            "answered_at": answered_at,
            "answers": answers,
        }
    )


def given(**payload: Any) -> list[dict[str, Any]]:
    return [{"interruptId": "int-c", "status": "resolved", "payload": payload}]


def test_what_waits_has_no_decision() -> None:
    run = run_with(None, None)
    assert (run.interrupts, run.decisions) == (ASKED, None)


@pytest.mark.parametrize(
    ("answers", "outcome", "reason", "edited"),
    [
        (given(approved=True, reason="", editedArgs=None), "approved", None, None),
        (given(approved=True, reason="", editedArgs={"n": 1}), "approved", None, {"n": 1}),
        (given(approved=False, reason="Mine.", editedArgs=None), "declined", "Mine.", None),
        ([{"interruptId": "int-c", "status": "cancelled"}], "declined", None, None),
        (None, "dismissed", None, None),
    ],
)
def test_each_answer_is_a_record(
    answers: list[dict[str, Any]] | None,
    outcome: str,
    reason: str | None,
    edited: dict[str, Any] | None,
) -> None:
    run = run_with(AT, answers)
    assert run.interrupts is None
    (decision,) = run.decisions or []
    assert (decision.outcome, decision.reason, decision.edited_args) == (outcome, reason, edited)
    assert (decision.tool_call_id, decision.decided_at) == ("c", AT)
