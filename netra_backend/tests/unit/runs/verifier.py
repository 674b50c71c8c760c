"""The rules by which AG-UI clients accept a stream of events, as a state machine.

It follows the client's verifier: what it refuses, the stock client refuses. Events are checked
as they are on the wire (JSON), so that a ``null`` for an absent member is caught too.
"""

import json
from typing import Any

from ag_ui.core import Event
from pydantic import TypeAdapter

EVENT: TypeAdapter[Any] = TypeAdapter(Event)

# start type -> (name of what is open, member that holds its id)
_OPENS = {
    "TEXT_MESSAGE_START": ("text", "messageId"),
    "TOOL_CALL_START": ("tool call", "toolCallId"),
    "REASONING_START": ("reasoning", "messageId"),
    "REASONING_MESSAGE_START": ("reasoning message", "messageId"),
    "STEP_STARTED": ("step", "stepName"),
    "SUBAGENT_STARTED": ("subagent", "subagentRunId"),
}
_CONTINUES = {
    "TEXT_MESSAGE_CONTENT": ("text", "messageId"),
    "TOOL_CALL_ARGS": ("tool call", "toolCallId"),
    "REASONING_MESSAGE_CONTENT": ("reasoning message", "messageId"),
}
_CLOSES = {
    "TEXT_MESSAGE_END": ("text", "messageId"),
    "TOOL_CALL_END": ("tool call", "toolCallId"),
    "REASONING_END": ("reasoning", "messageId"),
    "REASONING_MESSAGE_END": ("reasoning message", "messageId"),
    "STEP_FINISHED": ("step", "stepName"),
    "SUBAGENT_FINISHED": ("subagent", "subagentRunId"),
    "SUBAGENT_ERROR": ("subagent", "subagentRunId"),
}


class StreamRefused(AssertionError):
    """An AG-UI client would refuse this stream."""


class StreamVerifier:
    """Takes one thread's events in order."""

    def __init__(self) -> None:
        self._run: str | None = None
        self._begun = False
        self._open: set[tuple[str, str]] = set()
        self._used_subagents: set[str] = set()

    @property
    def between_runs(self) -> bool:
        """True when the last run has had its terminal event."""
        return self._run is None

    def take(self, raw: bytes) -> dict[str, Any]:
        """Check one event and return it."""
        event: dict[str, Any] = json.loads(raw)
        EVENT.validate_json(raw)
        if None in event.values():
            raise StreamRefused(f"an absent member was sent as null: {event}")
        kind = event["type"]
        if kind == "RUN_STARTED":
            self._start(event)
        elif kind == "RUN_ERROR":
            self._fail()
        elif self._run is None:
            raise StreamRefused(f"{kind} outside a run")
        elif kind == "RUN_FINISHED":
            self._finish(event)
        else:
            self._take_part(kind, event)
        return event

    def _start(self, event: dict[str, Any]) -> None:
        if self._run is not None:
            raise StreamRefused("RUN_STARTED inside a run")
        if "protocolVersion" not in event:
            raise StreamRefused("RUN_STARTED names no protocolVersion")
        self._run, self._begun = event["runId"], True
        self._open.clear()

    def _fail(self) -> None:
        if self._run is None and self._begun:
            raise StreamRefused("RUN_ERROR after the run's terminal event")
        self._run, self._begun = None, True
        self._open.clear()

    def _finish(self, event: dict[str, Any]) -> None:
        if self._open:
            raise StreamRefused(f"RUN_FINISHED while open: {sorted(self._open)}")
        if event["runId"] != self._run:
            raise StreamRefused("RUN_FINISHED of another run")
        self._run = None

    def _take_part(self, kind: str, event: dict[str, Any]) -> None:
        if kind in _OPENS:
            name, member = _OPENS[kind]
            key = (name, event[member])
            if key in self._open or (name == "subagent" and event[member] in self._used_subagents):
                raise StreamRefused(f"{name} opened twice: {event[member]}")
            if name == "subagent":
                self._used_subagents.add(event[member])
            self._open.add(key)
        elif kind in _CONTINUES or kind in _CLOSES:
            name, member = (_CONTINUES | _CLOSES)[kind]
            if (name, event[member]) not in self._open:
                raise StreamRefused(f"{kind} for a {name} that is not open: {event[member]}")
            if kind in _CLOSES:
                self._open.discard((name, event[member]))


def verified(events: list[bytes]) -> list[dict[str, Any]]:
    """Check a whole stream and return its events."""
    verifier = StreamVerifier()
    return [verifier.take(event) for event in events]
