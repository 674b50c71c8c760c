"""What watchers have not got yet, of a run that is played again on another instance.

The survivor plays the run from its beginning: recorded steps from the journal, the torn one
anew. This filter compares what comes out with what was published before and lets through the
rest, letter by letter. As long as the new text repeats the old, watchers see one stream that
went on. Where a model says something else this time, the torn messages are void: a ``CUSTOM``
event ``netra.restarted`` names them and the ids under which they are told again.
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

from netra_backend.app.runs.event_ordering import Brackets

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


class Shown:
    """What a stream has told: contents by part, their messages, and everything else once."""

    def __init__(self) -> None:
        self.contents: dict[Key, str] = {}
        self.owners: dict[Key, str] = {}
        self._single: set[str] = set()

    def take(self, event: BaseEvent) -> None:
        """Count ``event`` as told."""
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
        """Tell whether an event that adds no content was told before."""
        return _fingerprint(event) in self._single

    def forget(self, keys: Iterable[Key]) -> None:
        """Count these parts as not told."""
        for key in keys:
            self.contents.pop(key, None)


class Replay:
    """Filters one attempt's events against those of the attempts before it.

    Args:
        published: what watchers have got of the run, in order.
        attempt: the number of this attempt.
    """

    def __init__(self, published: Iterable[BaseEvent], attempt: int) -> None:
        self._attempt = attempt
        self._before, self._now = Shown(), Shown()
        self._brackets = Brackets()
        self._started = False
        self._raw: list[BaseEvent] = []
        self._names: dict[str, str] = {}
        for event in published:
            self._started = True
            self._brackets.admit(event)
            if isinstance(event, CustomEvent) and event.name == RESTARTED:
                self._void(event.value)
            else:
                self._before.take(event)
        self._caught_up = not self._before.contents

    def admit(self, event: BaseEvent) -> list[BaseEvent]:
        """Return what is to be published for ``event``."""
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
            return self._brackets.admit(news)
        return list(self._restart(news, missing))

    def _catch_up(self) -> None:
        self._caught_up = True
        self._raw.clear()

    def _news(self, event: BaseEvent) -> BaseEvent | None:
        """Return what of ``event`` was not published before, None when all of it was."""
        key = part_of(event)
        if key is None:
            return None if self._before.has(event) else event
        already = len(self._now.contents.get(key, ""))
        self._now.take(event)
        told = self._before.contents.get(key)
        now = self._now.contents[key]
        if told is None:
            return event
        if isinstance(event, ADDING):
            if now.startswith(told) and now != told:
                return event.model_copy(update={"delta": now[max(already, len(told)) :]})
            return None if told.startswith(now) else event
        if isinstance(event, _ENDING) and now == told and not self._before.has(event):
            return event
        return None  # opened before, or ended before its time: it may be opened again

    def _missing(self) -> list[Key]:
        """Return the parts that were published and have not been told again in full."""
        now = self._now.contents
        return [
            key
            for key, told in self._before.contents.items()
            if key not in now or not now[key].startswith(told)
        ]

    def _restart(self, news: BaseEvent, missing: list[Key]) -> Iterator[BaseEvent]:
        """Void what this attempt does not repeat, and tell it under new ids."""
        owners = {self._before.owners[key] for key in missing}
        void = [key for key, owner in self._before.owners.items() if owner in owners]
        salt = f"attempt:{self._attempt}"
        renamed = {owner: str(uuid5(UUID(owner), salt)) for owner in sorted(owners)}
        renamed |= {name: f"{name}.{self._attempt}" for kind, name in void if kind == "call"}
        yield from self._brackets.close()
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
        retold = [_renamed(raw, self._names) for raw in self._raw]
        self._catch_up()
        again = set(renamed.values())
        for event in retold[:-1]:
            if _names_of(event) & again:
                yield from self._brackets.admit(event)
        last = retold[-1]
        yield from self._brackets.admit(last if _names_of(last) & again else news)

    def _void(self, value: dict[str, Any]) -> None:
        """Take an earlier restart into account: its ids are the valid ones."""
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
    """Tell whether the run ends without its answer: what was said remains."""
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
    """Let interrupts name the calls as watchers know them; their own ids stay the model's."""
    outcome = event.outcome
    if names and isinstance(outcome, RunFinishedInterruptOutcome):
        for interrupt in outcome.interrupts:
            call = interrupt.tool_call_id
            interrupt.tool_call_id = names.get(call, call) if call else call
    return event


def _fingerprint(event: BaseEvent) -> str:
    """Return what makes an event the same as another; times differ when it is told again."""
    if isinstance(event, ToolCallResultEvent):
        return f"{event.type} {event.message_id}"
    if isinstance(event, RunFinishedEvent | RunErrorEvent):
        return f"{event.type} {id(event)}"  # every attempt has its own ending
    return event.model_dump_json(by_alias=True, exclude={"timestamp"})
