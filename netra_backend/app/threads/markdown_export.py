"""Messages and decisions of a thread as Markdown for people."""

import re
from collections.abc import Mapping
from typing import Any

from netra_backend.app.threads.values import Decision, StoredMessage, Thread

_OUTCOMES = {
    "approved": "You approved",
    "declined": "You declined",
    "dismissed": "You sent a new message instead of approving",
}


def heading_of(thread: Thread) -> str:
    """Return the first lines of the document."""
    title = " ".join((thread.title or "New thread").split())
    return f"# {title}\n\nThread {thread.id}, started {_time(thread.created_at)}\n"


def markdown_of(message: StoredMessage, decisions: Mapping[str, Decision]) -> str:
    """Return one message, with the decision about each of its calls.

    Args:
        message: with its siblings.
        decisions: by tool call id.
    """
    body = message.body
    text = _text(body.get("content"))
    if body["role"] == "user":
        return f"\n## You\n\n{_note(message)}{text}\n"
    if body["role"] == "tool":
        return f"\nResult:\n\n{_fenced(text)}\n"
    if body["role"] == "reasoning":
        return f"\n## Agent, reasoning\n\n{_note(message)}{_quoted(text)}\n"
    parts = [f"\n## Agent\n\n{_note(message)}{text}\n"]
    for call in body.get("toolCalls") or ():
        function = call["function"]
        parts.append(f"\nTool `{function['name']}`:\n\n{_fenced(function['arguments'])}\n")
        if decision := decisions.get(call["id"]):
            parts.append(f"\n{_quoted(describe(decision))}\n")
    return "".join(parts)


def describe(decision: Decision) -> str:
    """Return a decision as one sentence: what, why and when."""
    reason = f": {decision.reason}" if decision.reason else ""
    return f"{_OUTCOMES[decision.outcome]}{reason}, {_time(decision.decided_at)}"


def _note(message: StoredMessage) -> str:
    siblings = message.siblings
    version = ""
    if siblings is not None and siblings.count > 1:
        version = f", version {siblings.index + 1} of {siblings.count}"
    return f"*{_time(message.created_at)}{version}*\n\n"


def _fenced(text: str) -> str:
    """Return a code block whose fence is longer than any in ``text`` (CommonMark 0.31, 4.5)."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines() or [""])


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


def _time(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
