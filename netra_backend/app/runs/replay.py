"""Filters the replay of a run to what its subscribers have not received yet.

A recovered run is replayed from its start: completed steps from the journal, the interrupted
one by a new request. This filter compares the replayed events with the published ones and emits
the rest, character by character. While the new text repeats the old, subscribers see one
continuous stream. When the model answers differently, the interrupted messages are void: a
``CUSTOM`` event ``netra.restarted`` lists them and the new ids of their replacements.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID, uuid5

from ag_ui.core import (
    BaseEvent,
    CustomEvent,
    ReasoningEndEvent,
    ReasoningMessageContentEvent,
    ReasoningMessageEndEvent,
    ReasoningMessageStartEvent,
    ReasoningStartEvent,
    RunErrorEvent,
    RunFinishedCancelledOutcome,
    RunFinishedEvent,
    RunFinishedInterruptOutcome,
    RunStartedEvent,
    TextMessageContentEvent,
    TextMessageEndEvent,
    TextMessageStartEvent,
    ToolCallArgsEvent,
    ToolCallEndEvent,
    ToolCallResultEvent,
    ToolCallStartEvent,
)

from netra_backend.app.runs.event_ordering import EventOrdering
from netra_backend.app.runs.waiting import is_waiting_event

RESTARTED = "netra.restarted"

Key = tuple[str, str]

_TEXTS = (TextMessageStartEvent, TextMessageContentEvent, TextMessageEndEvent)
_CALLS = (ToolCallStartEvent, ToolCallArgsEvent, ToolCallEndEvent)
_REASONINGS = (
    ReasoningStartEvent,
    ReasoningMessageStartEvent,
    ReasoningMessageContentEvent,
    ReasoningMessageEndEvent,
    ReasoningEndEvent,
)
ADDING = (TextMessageContentEvent, ReasoningMessageContentEvent, ToolCallArgsEvent)
_ENDING = (TextMessageEndEvent, ToolCallEndEvent, ReasoningMessageEndEvent, ReasoningEndEvent)


class Transcript:
    """What a stream contains: contents by part, their messages, and other events once."""

    def __init__(self) -> None:
        self.contents: dict[Key, str] = {}
        self.owners: dict[Key, str] = {}
        self._single: set[str] = set()

    def take(self, event: BaseEvent) -> None:
        """Add ``event``."""
        key = part_of(event)
        if key is None:
            self._single.add(_fingerprint(event))
            return
        added = event.delta if isinstance(event, ADDING) else ""
        self.contents[key] = self.contents.get(key, "") + added
        self.owners.setdefault(key, _owner(event))
        if isinstance(event, _ENDING):
            self._single.add(_fingerprint(event))

    def has(self, event: BaseEvent) -> bool:
        """Return whether the transcript contains ``event``, which adds no content."""
        return _fingerprint(event) in self._single

    def forget(self, keys: Iterable[Key]) -> None:
        """Remove these parts."""
        for key in keys:
            self.contents.pop(key, None)


class Replay:
    """Filters the events of one attempt against those of earlier attempts.

    Args:
        published: the published events of the run, in order.
        attempt: the number of this attempt.
    """

    def __init__(self, published: Iterable[BaseEvent], attempt: int) -> None:
        self._attempt = attempt
        self._before, self._now = Transcript(), Transcript()
        self._ordering = EventOrdering()
        self._started = False
        self._raw: list[BaseEvent] = []
        self._names: dict[str, str] = {}
        for event in published:
            self._started = True
            self._ordering.admit(event)
            if isinstance(event, CustomEvent) and event.name == RESTARTED:
                self._void(event.value)
            else:
                self._before.take(event)
        self._caught_up = not self._before.contents

    def admit(self, event: BaseEvent) -> list[BaseEvent]:
        """Return the events to publish for ``event``."""
        if is_waiting_event(event):
            return [event] if self._caught_up else []  # it repeats nothing
        if isinstance(event, RunStartedEvent) and self._started:
            return []
        self._started = True
        if not self._caught_up:
            self._raw.append(event)
        news = self._news(_renamed(event, self._names))
        if news is None:
            return []
        if self._caught_up or _gives_up(event) or not (missing := self._missing()):
            self._catch_up()
            return self._ordering.admit(news)
        return list(self._restart(news, missing))

    def _catch_up(self) -> None:
        self._caught_up = True
        self._raw.clear()

    def _news(self, event: BaseEvent) -> BaseEvent | None:
        """Return the unpublished part of ``event``; None when all of it was published."""
        key = part_of(event)
        if key is None:
            return None if self._before.has(event) else event
        already = len(self._now.contents.get(key, ""))
        self._now.take(event)
        before = self._before.contents.get(key)
        now = self._now.contents[key]
        if before is None:
            return event
        if isinstance(event, ADDING):
            if now.startswith(before) and now != before:
                return event.model_copy(update={"delta": now[max(already, len(before)) :]})
            return None if before.startswith(now) else event
        if isinstance(event, _ENDING) and now == before and not self._before.has(event):
            return event
        return None  # opened before, or ended early: it may be opened again

    def _missing(self) -> list[Key]:
        """Return the published parts that this attempt has not repeated completely."""
        now = self._now.contents
        return [
            key
            for key, before in self._before.contents.items()
            if key not in now or not now[key].startswith(before)
        ]

    def _restart(self, news: BaseEvent, missing: list[Key]) -> Iterator[BaseEvent]:
        """Void what this attempt does not repeat, and publish it with new ids."""
        owners = {self._before.owners[key] for key in missing}
        void = [key for key, owner in self._before.owners.items() if owner in owners]
        salt = f"attempt:{self._attempt}"
        renamed = {owner: str(uuid5(UUID(owner), salt)) for owner in sorted(owners)}
        renamed |= {name: f"{name}.{self._attempt}" for kind, name in void if kind == "call"}
        yield from self._ordering.close()
        yield CustomEvent(
            name=RESTARTED,
            value={
                "attempt": self._attempt,
                "messages": {name: renamed[name] for name in sorted(owners)},
                "toolCalls": {name: renamed[name] for kind, name in void if kind == "call"},
            },
            timestamp=news.timestamp,
        )
        self._rename(renamed)
        self._before.forget(void)
        repeated = [_renamed(raw, self._names) for raw in self._raw]
        self._catch_up()
        again = set(renamed.values())
        for event in repeated[:-1]:
            if _names_of(event) & again:
                yield from self._ordering.admit(event)
        last = repeated[-1]
        yield from self._ordering.admit(last if _names_of(last) & again else news)

    def _void(self, value: dict[str, Any]) -> None:
        """Apply an earlier restart: its ids are the valid ones."""
        gone = set(value["messages"])
        self._before.forget([key for key, owner in self._before.owners.items() if owner in gone])
        self._rename(value["messages"] | value["toolCalls"])

    def _rename(self, renamed: dict[str, str]) -> None:
        for name, present in self._names.items():
            self._names[name] = renamed.get(present, present)
        for name, present in renamed.items():
            self._names.setdefault(name, present)


def part_of(event: BaseEvent) -> Key | None:
    """Return the part of a message that ``event`` opens, continues or ends, if any."""
    if isinstance(event, _TEXTS):
        return "text", event.message_id
    if isinstance(event, _REASONINGS):
        return "reasoning", event.message_id
    if isinstance(event, _CALLS):
        return "call", event.tool_call_id
    return None


def _owner(event: BaseEvent) -> str:
    """Return the id of the message that the part belongs to."""
    if isinstance(event, ToolCallStartEvent):
        return event.parent_message_id or event.tool_call_id
    key = part_of(event)
    return key[1] if key else ""


def _gives_up(event: BaseEvent) -> bool:
    """Return whether the run ends without its answer; the published text then remains."""
    if isinstance(event, RunFinishedEvent):
        return isinstance(event.outcome, RunFinishedCancelledOutcome)
    return isinstance(event, RunErrorEvent)


_NAMES = ("message_id", "parent_message_id", "tool_call_id", "entity_id")


def _names_of(event: BaseEvent) -> set[str]:
    return {value for name in _NAMES if (value := getattr(event, name, None)) is not None}


def _renamed(event: BaseEvent, names: dict[str, str]) -> BaseEvent:
    if isinstance(event, RunFinishedEvent):
        return _with_renamed_calls(event, names)
    changed = {
        name: names[value]
        for name in _NAMES
        if (value := getattr(event, name, None)) is not None and value in names
    }
    return event.model_copy(update=changed) if changed else event


def _with_renamed_calls(event: RunFinishedEvent, names: dict[str, str]) -> RunFinishedEvent:
    """Use the published ids of calls in interrupts; the ids of interrupts do not change."""
    outcome = event.outcome
    if names and isinstance(outcome, RunFinishedInterruptOutcome):
        for interrupt in outcome.interrupts:
            call = interrupt.tool_call_id
            interrupt.tool_call_id = names.get(call, call) if call else call
    return event


def _fingerprint(event: BaseEvent) -> str:
    """Return what identifies equal events; a repeated event has another timestamp."""
    if isinstance(event, ToolCallResultEvent):
        return f"{event.type} {event.message_id}"
    if isinstance(event, RunFinishedEvent | RunErrorEvent):
        return f"{event.type} {id(event)}"  # every attempt has its own terminal event
    return event.model_dump_json(by_alias=True, exclude={"timestamp"})
