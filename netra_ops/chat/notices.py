"""What an event says about the run itself: one line for a person, without I/O."""

import time
from typing import Any

from netra_client.events import ThreadEvent
from netra_client.models import Decision
from netra_ops.chat.plain_text import one_line

_CAUSES = {
    "rate_limited": "the model's service limits requests at present",
    "unavailable": "the model's service is unavailable at present",
    "silent": "the model has not answered yet",
}
_OUTCOMES = {
    "approved": "You approved",
    "declined": "You declined",
    "dismissed": "You sent a new message instead of approving",
}
REASON_CHARACTERS = 200
_ENDS = {
    "length": "The answer reached the model's length limit and is incomplete.",
    "content_filter": "The model's content filter ended the answer.",
}


def waiting_of(event: ThreadEvent, now: float | None = None) -> str:
    """Return why the run does not continue at present; empty for any other event.

    Args:
        event: of a run.
        now: Unix seconds; the present time when None.
    """
    value = _custom(event, "netra.waiting")
    if value is None:
        return ""
    cause = _CAUSES.get(str(value.get("reason")), "waiting for the model's service")
    until = value.get("until")
    if not isinstance(until, int | float):
        return cause
    seconds = round(until / 1000 - (time.time() if now is None else now))
    return f"{cause}; next attempt in {seconds} s" if seconds > 0 else f"{cause}; trying again"


def notice_of(event: ThreadEvent) -> str:
    """Return what a person must know about the answer: cut, filtered, or a partial history."""
    if event.type == "RUN_FINISHED":
        metadata = event.event.get("metadata")
        reason = metadata.get("finishReason") if isinstance(metadata, dict) else None
        return _ENDS.get(str(reason), "")
    compacted = _custom(event, "netra.compacted")
    if compacted is not None:
        return f"The model read a summary of {compacted.get('messages', 0)} earlier messages."
    value = _custom(event, "netra.historyTrimmed")
    if value is None:
        return ""
    omitted, shortened = value.get("omitted", 0), value.get("shortened", 0)
    return (
        "The conversation is longer than the model can read: "
        f"{omitted} earlier messages were left out, {shortened} were shortened."
    )


def describe_decision(decision: Decision) -> str:
    """Return one line of the record: what was decided about a call, why, and when."""
    words = _OUTCOMES.get(decision.outcome, decision.outcome)
    reason = f": {one_line(decision.reason, REASON_CHARACTERS)}" if decision.reason else ""
    when = decision.decided_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return f"{words}{reason}, {when}"


def _custom(event: ThreadEvent, name: str) -> dict[str, Any] | None:
    if event.type != "CUSTOM" or event.event.get("name") != name:
        return None
    value = event.event.get("value")
    return value if isinstance(value, dict) else {}
