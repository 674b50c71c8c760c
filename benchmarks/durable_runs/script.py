"""What both contestants execute: a tool call, its result, an answer of eight pieces."""

from collections.abc import AsyncIterable, AsyncIterator
from typing import Any
from uuid import uuid4

from pydantic_ai import RunContext
from pydantic_ai.messages import ModelMessage, ModelRequest, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel

ANSWER = ["The", "code", "means", "that", "the", "thread", "is", "busy", "now.", ""]


async def _respond(
    messages: list[ModelMessage], _info: AgentInfo
) -> AsyncIterator[str | dict[int, DeltaToolCall]]:
    last = messages[-1]
    assert isinstance(last, ModelRequest)
    if any(isinstance(part, ToolReturnPart) for part in last.parts):
        for word in ANSWER:
            yield word + " "
        return
    yield {0: DeltaToolCall("look_up", '{"code": "run_busy"}', tool_call_id=uuid4().hex)}


def model() -> FunctionModel:
    """Return the model."""
    return FunctionModel(stream_function=_respond, model_name="script")


async def handle(_context: RunContext[Any], events: AsyncIterable[Any]) -> None:
    """Read a run's events and drop them."""
    async for _event in events:
        pass


async def look_up(code: str) -> dict[str, str]:
    """Explain a code."""
    return {"code": code, "meaning": "The thread has an active run."}
