"""AG-UI events as JSON, and published events parsed from it."""

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

# One class per type: building a validator of the union of all 31 types would delay each start.
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
    """Parse published events; types that are not part of a message are omitted."""
    return [
        kind.model_validate_json(raw)
        for raw in published
        if (kind := _CLASSES.get(_type_of.decode(raw).type)) is not None
    ]


def encode_event(event: BaseEvent) -> bytes:
    """Return ``event`` as JSON; members without a value are absent."""
    return event.model_dump_json(by_alias=True).encode()
