"""Encodes agent events as AG-UI 1.0: repeatable ids, explicit outcomes, safe error texts."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import KW_ONLY, dataclass, field
from typing import Any
from uuid import UUID, uuid5

from ag_ui.core import (
    BaseEvent,
    ReasoningEncryptedValueEvent,
    ReasoningEndEvent,
    ReasoningMessageContentEvent,
    ReasoningMessageEndEvent,
    ReasoningMessageStartEvent,
    ReasoningStartEvent,
    RunErrorEvent,
    RunFinishedCancelledOutcome,
    RunFinishedEvent,
    RunStartedEvent,
    ToolCallResultEvent,
)
from pydantic_ai.exceptions import RunCancelled, RunTimedOut
from pydantic_ai.messages import (
    FunctionToolResultEvent,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
    ThinkingPart,
    ThinkingPartDelta,
)
from pydantic_ai.ui import NativeEvent
from pydantic_ai.ui.ag_ui import AGUIEventStream

from netra_backend.app.agents.failures import explain_failure
from netra_backend.app.agents.tools import AgentDeps, Answer
from netra_backend.app.runs.control import RunControl
from netra_backend.app.runs.event_ordering import EventOrdering
from netra_backend.app.runs.run_spec import FINISH_REASON, FinishReason
from netra_shared.errors import NetraError

_REASONING = (
    ReasoningStartEvent,
    ReasoningMessageStartEvent,
    ReasoningMessageContentEvent,
    ReasoningMessageEndEvent,
    ReasoningEndEvent,
)


@dataclass
class RunEventStream(AGUIEventStream[AgentDeps, Answer]):
    """The encoder of one run; ``parent_run_id`` is the run whose interrupt it answers.

    Ids derive from the run's id and the order of the model's parts, so a replay from the journal
    emits the same ids.

    ``protocolVersion`` on ``RUN_STARTED`` and the outcome of ``RUN_FINISHED`` follow AG-UI 1.0.
    A run that a person cancelled finishes as ``cancelled``; one that a deadline ended is an
    error, since the person is still waiting for the answer. ``finish_reason`` other than ``stop``
    is in the metadata of ``RUN_FINISHED``: AG-UI has no outcome for a truncated or filtered answer,
    and clients read an unknown outcome as success.
    """

    _: KW_ONLY

    parent_run_id: str | None = None
    control: RunControl = field(default_factory=RunControl)
    failure: NetraError | None = None
    finish_reason: FinishReason = "stop"
    _ordering: EventOrdering = field(default_factory=EventOrdering, init=False)
    _made: Counter[str] = field(default_factory=Counter, init=False)
    _text_ids: dict[int, str] = field(default_factory=dict, init=False)
    _reasoning_ids: dict[int, str] = field(default_factory=dict, init=False)
    _open_index: int | None = field(default=None, init=False)

    async def transform_stream(
        self, stream: AsyncIterator[NativeEvent], *callbacks: Any, **named_callbacks: Any
    ) -> AsyncIterator[BaseEvent]:
        """Yield the run's events; AG-UI clients accept every prefix of them."""
        async for event in super().transform_stream(stream, *callbacks, **named_callbacks):
            for ordered in self._ordering.admit(event):
                yield ordered

    def new_message_id(self) -> str:
        """Return the run's next message id; a replay of the run returns the same."""
        self.message_id = self._next_id("message")
        return self.message_id

    async def handle_part_start(self, event: PartStartEvent) -> AsyncIterator[BaseEvent]:
        """Assign the ids of the part."""
        self._open_index = event.index
        if isinstance(event.part, ThinkingPart):
            self._reasoning_ids[event.index] = self._next_id("reasoning")
        async for item in super().handle_part_start(event):
            yield self._named(item, event.index)
        self._text_ids[event.index] = self.message_id

    async def handle_part_delta(self, event: PartDeltaEvent) -> AsyncIterator[BaseEvent]:
        """Append to the part of the delta, which may not be the open one."""
        delta = event.delta
        if event.index != self._open_index and isinstance(delta, ThinkingPartDelta):
            if delta.content_delta:
                key = self._reasoning_ids[event.index]
                yield ReasoningMessageContentEvent(message_id=key, delta=delta.content_delta)
            return
        current, self.message_id = self.message_id, self._text_ids[event.index]
        async for item in super().handle_part_delta(event):
            yield self._named(item, event.index)
        self.message_id = current

    async def handle_part_end(self, event: PartEndEvent) -> AsyncIterator[BaseEvent]:
        """Close the part."""
        self._open_index = None
        async for item in super().handle_part_end(event):
            yield self._named(item, event.index)

    async def handle_function_tool_result(
        self, event: FunctionToolResultEvent
    ) -> AsyncIterator[BaseEvent]:
        """Derive the result's id from its call: concurrent tools end in any order."""
        key = self._next_id(f"result:{event.part.tool_call_id}")
        async for item in super().handle_function_tool_result(event):
            if isinstance(item, ToolCallResultEvent):
                item.message_id = key
            elif isinstance(item, ReasoningEncryptedValueEvent) and item.subtype == "message":
                item.entity_id = key
            yield item

    def _named(self, event: BaseEvent, index: int) -> BaseEvent:
        """Use the id of the part for reasoning; the base class creates a random one."""
        key = self._reasoning_ids.get(index)
        if key is not None:
            if isinstance(event, _REASONING):
                event.message_id = key
            elif isinstance(event, ReasoningEncryptedValueEvent) and event.subtype == "message":
                event.entity_id = key
        return event

    def _next_id(self, kind: str) -> str:
        self._made[kind] += 1
        return str(uuid5(UUID(self.run_id), f"{kind}:{self._made[kind]}"))

    async def before_stream(self) -> AsyncIterator[BaseEvent]:
        """Emit ``RUN_STARTED``."""
        async for event in super().before_stream():
            if isinstance(event, RunStartedEvent) and self.parent_run_id is not None:
                event.parent_run_id = self.parent_run_id
            yield event

    async def on_error(self, error: Exception) -> AsyncIterator[BaseEvent]:
        """Emit ``RUN_ERROR`` with a text that is safe for clients."""
        self.failure = explain_failure(error)
        async for event in super().on_error(self.failure):
            if isinstance(event, RunErrorEvent):
                event.code = self.failure.code
            yield event

    async def on_cancelled(self, cancelled: RunCancelled) -> AsyncIterator[BaseEvent]:
        """Convert a deadline to an error; ``after_stream`` handles other cancellations."""
        if isinstance(cancelled, RunTimedOut):
            ending = self.on_error(cancelled)
        else:
            ending = super().on_cancelled(cancelled)
        async for event in ending:
            yield event

    async def after_stream(self) -> AsyncIterator[BaseEvent]:
        """Emit ``RUN_FINISHED``.

        The base class emits the ``cancelled`` outcome only when the request of the client says
        1.0; here there is no such request, and 1.0 is the only supported version.
        """
        async for event in super().after_stream():
            if isinstance(event, RunFinishedEvent):
                if self.cancelled is not None:
                    event.outcome = RunFinishedCancelledOutcome()
                elif self.finish_reason != "stop":
                    event.metadata = {FINISH_REASON: self.finish_reason}
            yield event
