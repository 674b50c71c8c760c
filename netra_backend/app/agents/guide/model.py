"""The guide as a pydantic-ai model: a stream function with two turns.

First turn: show the plan as reasoning and call the tools. Second turn: write the answer from
what they returned. It runs in the same ``Agent`` pipeline as a language model would, so that
events, cancellation, storage and tracing are the same code.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from itertools import count
from typing import Any
from uuid import uuid4

import msgspec
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    RetryPromptPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models.function import AgentInfo, DeltaThinkingPart, DeltaToolCall, FunctionModel

from netra_backend.app.agents.guide.answer import compose, for_operators_only, introduction
from netra_backend.app.agents.guide.plan import Plan, make_plan

MODEL_NAME = "netra-operations-guide"
WORDS_PER_PIECE = 6  # about 30 events for a long answer: visibly streamed, cheap to deliver

Delta = str | dict[int, DeltaToolCall] | dict[int, DeltaThinkingPart]


def guide_model(pace_seconds: float = 0.0) -> FunctionModel:
    """Return the guide.

    Args:
        pace_seconds: pause between two pieces. It serves whoever wants to watch a stream,
            stop it or drop its socket on a laptop; 0 in production.
    """

    async def respond(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[Delta]:
        offered = {tool.name for tool in info.function_tools}
        for delta in _turn(messages, offered):
            if pace_seconds:
                await asyncio.sleep(pace_seconds)
            yield delta

    return FunctionModel(stream_function=respond, model_name=MODEL_NAME)


def _turn(messages: Sequence[ModelMessage], offered: Collection[str]) -> Iterator[Delta]:
    results = list(_results(messages))
    if results:
        yield from pieces(compose(results))
        return
    plan = make_plan(_question(messages))
    yield from _reasoning(plan)
    if any(step.tool not in offered for step in plan.steps):
        yield from pieces(for_operators_only())
    elif plan.steps:
        yield from _calls(plan)
    else:
        yield from pieces(introduction())


def _question(messages: Sequence[ModelMessage]) -> str:
    for message in reversed(messages):
        if isinstance(message, ModelRequest):
            for part in reversed(message.parts):
                if isinstance(part, UserPromptPart) and isinstance(part.content, str):
                    return part.content
    return ""


def _results(messages: Sequence[ModelMessage]) -> Iterator[tuple[str, Any]]:
    """Yield what the tools of this run returned: they are in the last request, if anywhere."""
    last = messages[-1]
    if isinstance(last, ModelRequest):
        for part in last.parts:
            if isinstance(part, ToolReturnPart | RetryPromptPart):
                yield part.tool_name or "tool", part.content


def _reasoning(plan: Plan) -> Iterator[Delta]:
    for reason in plan.reasons:
        yield {0: DeltaThinkingPart(content=reason + "\n")}


def _calls(plan: Plan) -> Iterator[Delta]:
    for index, step in zip(count(1), plan.steps, strict=False):
        arguments = msgspec.json.encode(step.arguments).decode()
        yield {
            index: DeltaToolCall(
                name=step.tool, json_args=arguments, tool_call_id=f"call_{uuid4().hex}"
            )
        }


def pieces(text: str) -> Iterator[str]:
    """Yield ``text`` in pieces of a few words; joined they are ``text`` again."""
    words = re.findall(r"\s*\S+\s*", text)
    for start in range(0, len(words), WORDS_PER_PIECE):
        yield "".join(words[start : start + WORDS_PER_PIECE])
