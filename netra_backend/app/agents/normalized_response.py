"""The normal form of a model's streamed response, for every provider.

- Each tool call has an id of our own; the provider's id is kept in the response's metadata.
- A tool name that is repeated in each chunk is not appended to itself.
- Two calls that arrive under one index are two calls when their provider ids differ.
- Surrogate pairs that are split over two deltas are joined; lone surrogates become U+FFFD.
- The text of a refusal is the text of the answer.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import datetime

from pydantic_ai.messages import (
    ModelResponsePart,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
)
from pydantic_ai.models import ModelRequestParameters, StreamedResponse
from pydantic_ai.usage import RequestUsage

from netra_backend.app.agents.call_ids import PROVIDER_CALL_ID
from netra_shared.text import split_incomplete, well_formed

_REFUSAL = "refusal"  # of the part that a refusal becomes; no provider's index has this form
Events = Iterator[ModelResponseStreamEvent]


class NormalizedResponse(StreamedResponse):
    """The normal form of ``source``.

    Args:
        source: the provider's stream.
        parameters: of the request.
        new_call_id: returns the id of the response's call with a number from 1.
    """

    def __init__(
        self,
        source: StreamedResponse,
        parameters: ModelRequestParameters,
        new_call_id: Callable[[int], str],
    ) -> None:
        super().__init__(parameters)
        self._source = source
        self._new_call_id = new_call_id
        self._tools = set(parameters.tool_defs)
        # Our vendor id of the part that receives the deltas of a source index.
        self._parts: dict[int, tuple[int, int]] = {}
        self._calls: dict[tuple[int, int], tuple[str, str]] = {}
        self._names: dict[tuple[int, int], str] = {}
        self._rest: dict[tuple[int, int], str] = {}  # high surrogates that wait for their pair
        self._texts: set[tuple[int, int]] = set()
        self._has_text = False

    async def _get_event_iterator(self) -> AsyncIterator[ModelResponseStreamEvent]:
        async for event in self._source:
            if isinstance(event, PartStartEvent):
                for item in self._start(event.index, event.part):
                    yield item
            elif isinstance(event, PartDeltaEvent):
                for item in self._delta(event):
                    yield item
        for item in self._finish():
            yield item
        self._copy_facts()

    def _start(self, index: int, part: ModelResponsePart) -> Events:
        key = self._parts[index] = (index, 0)
        if isinstance(part, TextPart | ThinkingPart):
            content, self._rest[key] = split_incomplete(part.content)
            if isinstance(part, TextPart):
                self._texts.add(key)
                self._has_text |= bool(content)
            part = replace(part, content=well_formed(content))
        elif isinstance(part, ToolCallPart):
            part = self._named_call(key, part)
        yield self._parts_manager.handle_part(vendor_part_id=key, part=part)

    def _named_call(self, key: tuple[int, int], part: ToolCallPart) -> ToolCallPart:
        ours = self._new_call_id(len(self._calls) + 1)
        self._calls[key] = (ours, part.tool_call_id)
        self._names[key] = part.tool_name
        arguments = part.args
        if isinstance(arguments, str):
            arguments, self._rest[key] = split_incomplete(arguments)
        return replace(part, tool_call_id=ours, args=well_formed(arguments))

    def _delta(self, event: PartDeltaEvent) -> Events:
        key = self._parts[event.index]
        delta = event.delta
        if isinstance(delta, TextPartDelta):
            text = self._complete(key, delta.content_delta)
            self._has_text |= bool(text)
            if text or delta.provider_details:
                yield from self._parts_manager.handle_text_delta(
                    vendor_part_id=key,
                    content=text,
                    provider_name=delta.provider_name,
                    provider_details=delta.provider_details,
                )
        elif isinstance(delta, ThinkingPartDelta):
            yield from self._parts_manager.handle_thinking_delta(
                vendor_part_id=key,
                content=self._complete(key, delta.content_delta or "") or None,
                signature=delta.signature_delta,
                provider_name=delta.provider_name,
                provider_details=delta.provider_details,
            )
        elif isinstance(delta, ToolCallPartDelta):
            yield from self._call_delta(event.index, key, delta)

    def _call_delta(self, index: int, key: tuple[int, int], delta: ToolCallPartDelta) -> Events:
        arguments = delta.args_delta
        if isinstance(arguments, str):
            arguments = self._complete(key, arguments)
        if self._is_another_call(key, delta):
            key = self._parts[index] = (index, key[1] + 1)
            part = ToolCallPart(delta.tool_name_delta or "", arguments, delta.tool_call_id or "")
            yield self._parts_manager.handle_part(
                vendor_part_id=key, part=self._named_call(key, part)
            )
            return
        name = delta.tool_name_delta
        if name and (name == self._names[key] or self._names[key] in self._tools):
            name = None  # repeated, not continued
        self._names[key] += name or ""
        if name or arguments:
            yield from self._parts_manager.handle_tool_call_delta_events(
                vendor_part_id=key, tool_name=name, args=arguments
            )

    def _is_another_call(self, key: tuple[int, int], delta: ToolCallPartDelta) -> bool:
        _, theirs = self._calls[key]
        return bool(delta.tool_name_delta and delta.tool_call_id and delta.tool_call_id != theirs)

    def _complete(self, key: tuple[int, int], text: str) -> str:
        text, self._rest[key] = split_incomplete(self._rest.get(key, "") + text)
        cleaned: str = well_formed(text)
        return cleaned

    def _finish(self) -> Events:
        for key, rest in self._rest.items():
            if not rest:
                continue
            lone: str = well_formed(rest)
            if key in self._calls:
                yield from self._parts_manager.handle_tool_call_delta_events(
                    vendor_part_id=key, args=lone
                )
            elif key in self._texts:
                yield from self._parts_manager.handle_text_delta(vendor_part_id=key, content=lone)
            else:
                yield from self._parts_manager.handle_thinking_delta(
                    vendor_part_id=key, content=lone
                )
        refusal = (self._source.provider_details or {}).get("refusal")
        if refusal and not self._has_text:
            yield from self._parts_manager.handle_text_delta(
                vendor_part_id=_REFUSAL, content=well_formed(str(refusal))
            )

    def _copy_facts(self) -> None:
        source = self._source
        self.provider_response_id = source.provider_response_id
        self.provider_details = source.provider_details
        self.canonical_system = source.canonical_system
        self.finish_reason = source.finish_reason
        self.state = source.state
        self.failed_attempts = source.failed_attempts
        self.metadata = {
            **(source.metadata or {}),
            PROVIDER_CALL_ID: dict(self._calls.values()),
        }

    @property
    def usage(self) -> RequestUsage:
        """Return the usage that the provider reported."""
        return self._source.usage

    @property
    def model_name(self) -> str:
        """Return the name of the model that answered."""
        return self._source.model_name

    @property
    def provider_name(self) -> str | None:
        """Return the provider."""
        return self._source.provider_name

    @property
    def provider_url(self) -> str | None:
        """Return the provider's base URL."""
        return self._source.provider_url

    @property
    def timestamp(self) -> datetime:
        """Return when the response was created."""
        return self._source.timestamp

    @property
    def provider_call_ids(self) -> dict[str, str]:
        """Return the provider's id of each call so far, by our id."""
        return dict(self._calls.values())

    def get_stream_cancel_errors(self) -> tuple[type[BaseException], ...]:
        """Return the transport errors that a cancellation causes."""
        return self._source.get_stream_cancel_errors()

    async def close_stream(self) -> None:
        """Close the provider's stream."""
        await self._source.cancel()
