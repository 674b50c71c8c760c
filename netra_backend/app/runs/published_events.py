"""A run's published events, read back from their JSON."""

from collections.abc import Iterable

import msgspec
from ag_ui.core import (
    BaseEvent,
    CustomEvent,
    ReasoningEncryptedValueEvent,
    ReasoningEndEvent,
    ReasoningMessageContentEvent,
    ReasoningMessageEndEvent,
    ReasoningMessageStartEvent,
    ReasoningStartEvent,
    RunStartedEvent,
    TextMessageContentEvent,
    TextMessageEndEvent,
    TextMessageStartEvent,
    ToolCallArgsEvent,
    ToolCallEndEvent,
    ToolCallResultEvent,
    ToolCallStartEvent,
)

# One class a type: a validator over the union of all 31 types costs every start its building.
_CLASSES: dict[str, type[BaseEvent]] = {
    kind.model_fields["type"].default: kind
    for kind in (
        CustomEvent,
        ReasoningEncryptedValueEvent,
        ReasoningEndEvent,
        ReasoningMessageContentEvent,
        ReasoningMessageEndEvent,
        ReasoningMessageStartEvent,
        ReasoningStartEvent,
        RunStartedEvent,
        TextMessageContentEvent,
        TextMessageEndEvent,
        TextMessageStartEvent,
        ToolCallArgsEvent,
        ToolCallEndEvent,
        ToolCallResultEvent,
        ToolCallStartEvent,
    )
}


class _Typed(msgspec.Struct):
    type: str


_type_of = msgspec.json.Decoder(_Typed)


def parse_events(published: Iterable[bytes]) -> list[BaseEvent]:
    """Return the events; types that form no message are left out."""
    return [
        kind.model_validate_json(raw)
        for raw in published
        if (kind := _CLASSES.get(_type_of.decode(raw).type)) is not None
    ]
