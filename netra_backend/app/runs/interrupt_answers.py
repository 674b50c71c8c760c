"""Validation of the answers to a paused run's interrupts."""

from collections.abc import Sequence
from typing import Any

from netra_backend.app.runs.errors import AnswerRefused

MAX_REASON_CHARACTERS = 2_000


def check_answers(
    interrupts: Sequence[dict[str, Any]], answers: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return ``answers`` in their stored form: exactly one for each interrupt.

    Args:
        interrupts: AG-UI interrupts of the paused run.
        answers: AG-UI resume entries: ``interruptId``, ``status`` ``resolved`` or ``cancelled``,
            and for ``resolved`` a ``payload`` of ``approved`` and, optionally, ``reason`` or
            ``editedArgs``.

    Raises:
        AnswerRefused: an interrupt has no answer, or an answer has another form.
    """
    pending = {interrupt["id"] for interrupt in interrupts}
    given = [answer.get("interruptId") for answer in answers]
    if len(given) != len(set(given)) or set(given) != pending:
        raise AnswerRefused(f"Answer each of these interrupts once: {', '.join(sorted(pending))}.")
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
        # Only true executes the call: not 1, not "yes".
        raise AnswerRefused("`payload.approved` must be true or false.")
    if not isinstance(reason, str) or len(reason) > MAX_REASON_CHARACTERS:
        raise AnswerRefused(
            f"`payload.reason` must be a text of at most {MAX_REASON_CHARACTERS} characters."
        )
    edited = payload.get("editedArgs")
    if edited is not None and not isinstance(edited, dict):
        raise AnswerRefused("`payload.editedArgs` must be an object: the arguments of the call.")
    return stored | {"payload": {"approved": approved, "reason": reason, "editedArgs": edited}}
