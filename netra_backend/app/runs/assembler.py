"""Assembles the messages of a run from its AG-UI events.

The rules are those of an AG-UI client, so the stored messages, including their ids, equal those
that a subscriber built from the same events; a reload changes nothing. An unfinished run yields
its partial messages.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from ag_ui.core import (
    BaseEvent,
    CustomEvent,
    ReasoningEncryptedValueEvent,
    ReasoningMessageContentEvent,
    ReasoningMessageStartEvent,
    TextMessageContentEvent,
    TextMessageStartEvent,
    ToolCallArgsEvent,
    ToolCallResultEvent,
    ToolCallStartEvent,
)

Message = dict[str, Any]


class MessageAssembler:
    """Applies events in order; ``messages()`` may be called at any time."""

    def __init__(self) -> None:
        self._messages: dict[str, Message] = {}
        self._order: list[str] = []
        self._tool_calls: dict[str, dict[str, Any]] = {}

    def apply(self, event: BaseEvent) -> None:
        """Apply one event; events that are not part of a message are ignored."""
        match event:
            case TextMessageStartEvent():
                self._open(event.message_id, "assistant")
            case ReasoningMessageStartEvent():
                self._open(event.message_id, "reasoning")
            case TextMessageContentEvent() | ReasoningMessageContentEvent():
                self._messages[event.message_id]["content"] += event.delta
            case ToolCallStartEvent():
                self._start_tool_call(event)
            case ToolCallArgsEvent():
                self._tool_calls[event.tool_call_id]["function"]["arguments"] += event.delta
            case ToolCallResultEvent():
                self._add_result(event)
            case ReasoningEncryptedValueEvent():
                entities = self._tool_calls if event.subtype == "tool-call" else self._messages
                if event.entity_id in entities:
                    entities[event.entity_id]["encryptedValue"] = event.encrypted_value
            case CustomEvent(name="netra.restarted"):
                self._forget(event.value["messages"])
            case _:
                pass

    def messages(self) -> list[Message]:
        """Return the messages in order of appearance, without empty ones."""
        ordered = (self._messages[key] for key in self._order)
        return [message for message in ordered if _has_content(message)]

    def _open(self, message_id: str, role: str, at: int | None = None) -> Message:
        if message_id not in self._messages:
            self._messages[message_id] = {
                "id": str(UUID(message_id)),
                "role": role,
                "content": "",
            }
            self._order.insert(len(self._order) if at is None else at, message_id)
        return self._messages[message_id]

    def _forget(self, message_ids: Iterable[str]) -> None:
        """Remove messages that a recovered run has declared void; it publishes them again."""
        for message_id in message_ids:
            message = self._messages.pop(message_id, None)
            if message is not None:
                self._order.remove(message_id)
                for call in message.get("toolCalls", ()):
                    self._tool_calls.pop(call["id"], None)

    def _add_result(self, event: ToolCallResultEvent) -> None:
        message = self._open(event.message_id, "tool", self._place_of_result(event.tool_call_id))
        message["content"] = event.content if isinstance(event.content, str) else ""
        message["toolCallId"] = event.tool_call_id

    def _place_of_result(self, tool_call_id: str) -> int:
        """Return the index of a result: after the message of its call and its other results."""
        call = self._tool_calls.get(tool_call_id)
        messages = [self._messages[key] for key in self._order]
        owners = (
            place
            for place, message in enumerate(messages)
            if call is not None and call in message.get("toolCalls", ())
        )
        place = next(owners, len(messages)) + 1
        while place < len(messages) and messages[place]["role"] == "tool":
            place += 1
        return place

    def _start_tool_call(self, event: ToolCallStartEvent) -> None:
        if event.tool_call_id in self._tool_calls:
            return  # opened again: more of its arguments follow
        # The encoder always names a parent; the call's own id is the fallback of AG-UI clients.
        parent = self._open(event.parent_message_id or event.tool_call_id, "assistant")
        call = {
            "id": event.tool_call_id,
            "type": "function",
            "function": {"name": event.tool_call_name, "arguments": ""},
        }
        parent.setdefault("toolCalls", []).append(call)
        self._tool_calls[event.tool_call_id] = call


def _has_content(message: Message) -> bool:
    return bool(
        message["content"]
        or message.get("toolCalls")
        or message.get("encryptedValue")
        or message["role"] == "tool"
    )
