"""Agent events encoded as AG-UI 1.0: repeatable ids, endings that say why, discreet errors."""

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
from netra_backend.app.runs.event_ordering import Brackets
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

    Ids follow from the run's id and the order of what the model said, so that a run that is
    played again from its journal emits the same ones.

    ``protocolVersion`` on ``RUN_STARTED`` and the outcome of ``RUN_FINISHED`` are AG-UI 1.0's.
    A run that a person ended finishes as ``cancelled``; one that a deadline ended is an error,
    since the person still waits for the answer.
    """

    _: KW_ONLY

    parent_run_id: str | None = None
    control: RunControl = field(default_factory=RunControl)
    failure: NetraError | None = None
    _brackets: Brackets = field(default_factory=Brackets, init=False)
    _made: Counter[str] = field(default_factory=Counter, init=False)
    _text_ids: dict[int, str] = field(default_factory=dict, init=False)
    _reasoning_ids: dict[int, str] = field(default_factory=dict, init=False)
    _open_index: int | None = field(default=None, init=False)

    async def transform_stream(
        self, stream: AsyncIterator[NativeEvent], *callbacks: Any, **named_callbacks: Any
    ) -> AsyncIterator[BaseEvent]:
        """Yield the run's events; every prefix of them satisfies AG-UI clients."""
        async for event in super().transform_stream(stream, *callbacks, **named_callbacks):
            for sound in self._brackets.admit(event):
                yield sound

    def new_message_id(self) -> str:
        """Return the run's next message id: the same one whenever the run is played again."""
        self.message_id = self._next_id("message")
        return self.message_id

    async def handle_part_start(self, event: PartStartEvent) -> AsyncIterator[BaseEvent]:
        """Give the part its ids."""
        self._open_index = event.index
        if isinstance(event.part, ThinkingPart):
            self._reasoning_ids[event.index] = self._next_id("reasoning")
        async for item in super().handle_part_start(event):
            yield self._named(item, event.index)
        self._text_ids[event.index] = self.message_id

    async def handle_part_delta(self, event: PartDeltaEvent) -> AsyncIterator[BaseEvent]:
        """Add to the part that the delta names, which need not be the one that is open."""
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
        """Name the result after its call: tools that run side by side may end in any order."""
        key = self._next_id(f"result:{event.part.tool_call_id}")
        async for item in super().handle_function_tool_result(event):
            if isinstance(item, ToolCallResultEvent):
                item.message_id = key
            elif isinstance(item, ReasoningEncryptedValueEvent) and item.subtype == "message":
                item.entity_id = key
            yield item

    def _named(self, event: BaseEvent, index: int) -> BaseEvent:
        """Give reasoning the id of its part; the base class makes a random one."""
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
        """Emit ``RUN_ERROR`` with a text that is safe to show."""
        self.failure = explain_failure(error)
        async for event in super().on_error(self.failure):
            if isinstance(event, RunErrorEvent):
                event.code = self.failure.code
            yield event

    async def on_cancelled(self, cancelled: RunCancelled) -> AsyncIterator[BaseEvent]:
        """Turn a deadline into an error; leave the rest to ``after_stream``."""
        if isinstance(cancelled, RunTimedOut):
            ending = self.on_error(cancelled)
        else:
            ending = super().on_cancelled(cancelled)
        async for event in ending:
            yield event

    async def after_stream(self) -> AsyncIterator[BaseEvent]:
        """Emit ``RUN_FINISHED``.

        The base class declares the ``cancelled`` outcome only to clients whose request said
        1.0; here no request is at hand, and 1.0 is the only version on this wire.
        """
        async for event in super().after_stream():
            if self.cancelled is not None and isinstance(event, RunFinishedEvent):
                event.outcome = RunFinishedCancelledOutcome()
            yield event


def encode_event(event: BaseEvent) -> bytes:
    """Return ``event`` as JSON; members without a value are absent."""
    return event.model_dump_json(by_alias=True).encode()
