"""Event ordering of an AG-UI stream: inserts the missing start and end events.

Providers may return to an earlier part of a response: text continues after a tool call, and the
arguments of two calls interleave. AG-UI clients reject content of a part that is not open, and
the end of a run while a part is open. Opening an id again is allowed, and clients append to the
existing content, so no content is lost: the message that a client builds equals the model's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ag_ui.core import (
    BaseEvent,
    ReasoningEndEvent,
    ReasoningMessageContentEvent,
    ReasoningMessageEndEvent,
    ReasoningMessageStartEvent,
    ReasoningStartEvent,
    RunErrorEvent,
    RunFinishedEvent,
    TextMessageContentEvent,
    TextMessageEndEvent,
    TextMessageStartEvent,
    ToolCallArgsEvent,
    ToolCallEndEvent,
    ToolCallStartEvent,
)


@dataclass
class EventOrdering:
    """Accepts the events of a run in order; ``admit`` returns a valid sequence.

    To continue the stream of another process, ``admit`` the published events first and discard
    the result.
    """

    _texts: set[str] = field(default_factory=set)
    _spans: set[str] = field(default_factory=set)
    _reasonings: set[str] = field(default_factory=set)
    _calls: set[str] = field(default_factory=set)
    _starts: dict[str, ToolCallStartEvent] = field(default_factory=dict)

    def admit(self, event: BaseEvent) -> list[BaseEvent]:
        """Return ``event`` after the events that must precede it; nothing when it is redundant."""
        return [_timed(item, event.timestamp) for item in self._admit(event)]

    def close(self) -> list[BaseEvent]:
        """Return the end events of all open parts."""
        return list(self._close())

    def _admit(self, event: BaseEvent) -> Iterator[BaseEvent]:
        match event:
            case TextMessageStartEvent(message_id=key):
                yield from _opened(self._texts, key, event)
            case TextMessageContentEvent(message_id=key):
                yield from self._open_text(key)
                yield event
            case TextMessageEndEvent(message_id=key):
                yield from _closed(self._texts, key, event)
            case ToolCallStartEvent() | ToolCallArgsEvent() | ToolCallEndEvent():
                yield from self._admit_call(event)
            case RunFinishedEvent() | RunErrorEvent():
                yield from self._close()
                yield event
            case _:
                yield from self._admit_reasoning(event)

    def _admit_call(
        self, event: ToolCallStartEvent | ToolCallArgsEvent | ToolCallEndEvent
    ) -> Iterator[BaseEvent]:
        key = event.tool_call_id
        if isinstance(event, ToolCallStartEvent):
            self._starts.setdefault(key, event)
            yield from _opened(self._calls, key, event)
        elif isinstance(event, ToolCallEndEvent):
            yield from _closed(self._calls, key, event)
        elif key in self._calls or key in self._starts:
            if key not in self._calls:
                self._calls.add(key)
                yield self._starts[key].model_copy()
            yield event

    def _admit_reasoning(self, event: BaseEvent) -> Iterator[BaseEvent]:
        match event:
            case ReasoningStartEvent(message_id=key):
                yield from _opened(self._spans, key, event)
            case ReasoningMessageStartEvent(message_id=key):
                yield from self._open_span(key)
                yield from _opened(self._reasonings, key, event)
            case ReasoningMessageContentEvent(message_id=key):
                yield from self._open_reasoning(key)
                yield event
            case ReasoningMessageEndEvent(message_id=key):
                yield from _closed(self._reasonings, key, event)
            case ReasoningEndEvent(message_id=key):
                yield from self._close_reasoning(key)
                yield from _closed(self._spans, key, event)
            case _:
                yield event

    def _open_text(self, key: str) -> Iterator[BaseEvent]:
        if key not in self._texts:
            self._texts.add(key)
            yield TextMessageStartEvent(message_id=key, role="assistant")

    def _open_span(self, key: str) -> Iterator[BaseEvent]:
        if key not in self._spans:
            self._spans.add(key)
            yield ReasoningStartEvent(message_id=key)

    def _open_reasoning(self, key: str) -> Iterator[BaseEvent]:
        yield from self._open_span(key)
        if key not in self._reasonings:
            self._reasonings.add(key)
            yield ReasoningMessageStartEvent(message_id=key, role="reasoning")

    def _close_reasoning(self, key: str) -> Iterator[BaseEvent]:
        if key in self._reasonings:
            self._reasonings.discard(key)
            yield ReasoningMessageEndEvent(message_id=key)

    def _close(self) -> Iterator[BaseEvent]:
        for key in sorted(self._spans):
            yield from self._close_reasoning(key)
            yield ReasoningEndEvent(message_id=key)
        yield from (TextMessageEndEvent(message_id=key) for key in sorted(self._texts))
        yield from (ToolCallEndEvent(tool_call_id=key) for key in sorted(self._calls))
        for opened in (self._spans, self._texts, self._calls):
            opened.clear()


def _opened(opened: set[str], key: str, event: BaseEvent) -> Iterator[BaseEvent]:
    if key not in opened:
        opened.add(key)
        yield event


def _closed(opened: set[str], key: str, event: BaseEvent) -> Iterator[BaseEvent]:
    if key in opened:
        opened.discard(key)
        yield event


def _timed(event: BaseEvent, timestamp: int | None) -> BaseEvent:
    if event.timestamp is None:
        event.timestamp = timestamp
    return event
