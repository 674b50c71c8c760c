"""A model and tools that read the run's journal before they act, and record their results."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import msgspec
from pydantic_ai import RunContext
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelResponse
from pydantic_ai.models import (
    CompletedStreamedResponse,
    ModelRequestParameters,
    StreamedResponse,
)
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.toolsets import ToolsetTool, WrapperToolset
from pydantic_core import to_json

from netra_backend.app.agents.call_ids import call_id
from netra_backend.app.agents.normalized_response import NormalizedResponse
from netra_backend.app.agents.tools import SIDE_EFFECTS, AgentDeps
from netra_shared.telemetry import step_span
from netra_shared.text import well_formed

UNKNOWN_OUTCOME = {
    "unknown": True,
    "reason": "The process that called this tool was lost before the result was recorded. "
    "The call may or may not have taken effect: check before repeating it.",
}
"""The model's result for a call with side effects that a lost process had started."""


class JournaledModel(WrapperModel):
    """Requests only responses that the journal does not contain."""

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """Stream the recorded response, or the model's, and record that when it is complete."""
        deps = run_context.deps if run_context is not None else None
        journal = deps.journal if isinstance(deps, AgentDeps) else None
        run_id = journal.run_id if journal is not None else uuid4()
        key = journal.next_response() if journal is not None else ""
        recorded = journal.result(key) if journal is not None else None
        if recorded is not None:
            yield CompletedStreamedResponse(
                _load(recorded),
                model_request_parameters=model_request_parameters,
                replay_events=True,
            )
            return
        if isinstance(deps, AgentDeps) and deps.compaction is not None:
            messages = await deps.compaction.apply(messages, journal)
        async with AsyncExitStack() as ends:
            ends.enter_context(step_span("agent.model", model=self.wrapped.model_name, step=key))
            source = await ends.enter_async_context(
                self.wrapped.request_stream(
                    messages, model_settings, model_request_parameters, run_context
                )
            )
            stream = NormalizedResponse(
                source, model_request_parameters, partial(call_id, run_id, key)
            )
            yield stream
        if journal is not None:
            await journal.complete(key, _dump(stream.get()))


class JournaledTools(WrapperToolset[AgentDeps]):
    """Calls only tools whose result the journal does not contain."""

    async def call_tool(
        self,
        name: str,
        tool_args: dict[str, Any],
        ctx: RunContext[AgentDeps],
        tool: ToolsetTool[AgentDeps],
    ) -> Any:
        """Return the recorded result, or call the tool and record its result."""
        journal = ctx.deps.journal
        if journal is None:
            return await super().call_tool(name, tool_args, ctx, tool)
        key = f"tool:{ctx.run_step}:{ctx.tool_call_id}"
        recorded = journal.result(key)
        if recorded is not None:
            return msgspec.json.decode(recorded)
        if (tool.tool_def.metadata or {}).get(SIDE_EFFECTS):
            if journal.was_started(key):
                return UNKNOWN_OUTCOME
            await journal.record_start(key)
        result = well_formed(await super().call_tool(name, tool_args, ctx, tool))
        await journal.complete(key, to_json(result).decode())
        return result


# pydantic-ai has this adapter of lists; its first use builds it (35 ms), after the first response
# was streamed. An adapter of single responses would delay each start by 21 ms.
def _dump(response: ModelResponse) -> str:
    return ModelMessagesTypeAdapter.dump_json([response]).decode()


def _load(recorded: str) -> ModelResponse:
    (response,) = ModelMessagesTypeAdapter.validate_json(recorded)
    assert isinstance(response, ModelResponse)  # noqa: S101  written by ``_dump``
    return response
