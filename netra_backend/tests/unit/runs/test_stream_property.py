"""For any output of a model, stopped anywhere, the stream satisfies AG-UI clients."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_ai import Agent, CancellationToken
from pydantic_ai.messages import ModelMessage, ModelRequest, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, DeltaThinkingPart, DeltaToolCall, FunctionModel
from pydantic_ai.usage import UsageLimits

from netra_backend.app.agents.encoder import RunEventStream
from netra_backend.app.agents.guide.model import Delta
from netra_backend.app.agents.history import to_model_messages
from netra_backend.app.agents.tools import AgentDeps
from netra_backend.app.agents.warm_up import _EmptyOperations
from netra_backend.app.runs.assembler import MessageAssembler
from netra_backend.app.runs.control import CancelReason, RunControl
from netra_backend.app.runs.event_codec import encode_event
from netra_backend.tests.unit.runs.verifier import StreamVerifier
from test_framework.agui.client import AguiClient

PIECES = st.lists(
    st.one_of(
        st.tuples(st.just("think"), st.text(max_size=5)),
        st.tuples(st.just("say"), st.text(min_size=1, max_size=5)),
        st.tuples(st.just("call"), st.sampled_from(["echo", "fail", "unknown"])),
        st.tuples(st.just("broken call"), st.just('{"text": ')),
        st.tuples(st.just("go back to"), st.integers(0, 7).map(str)),
        st.tuples(st.just("explode"), st.just("")),
    ),
    min_size=1,
    max_size=8,
)


# Some providers go back to a part that they had left.
MORE: dict[str, Any] = {
    "think": DeltaThinkingPart(content="more"),
    "call": DeltaToolCall(json_args=" "),
    "broken call": DeltaToolCall(json_args='"more"}'),
}


def deltas(pieces: list[tuple[str, str]]) -> Iterator[Delta]:
    """Yield what the model emits; it may break down in the middle."""
    for index, (kind, text) in enumerate(pieces):
        if kind == "say":
            yield text
        elif kind == "think":
            yield {index: DeltaThinkingPart(content=text)}
        elif kind == "explode":
            raise RuntimeError("secret")
        elif kind == "go back to":
            if (earlier := int(text)) < index and (more := MORE.get(pieces[earlier][0])):
                yield {earlier: more}
        else:
            name, arguments = ("echo", text) if kind == "broken call" else (text, "{}")
            call = DeltaToolCall(name, arguments, tool_call_id=f"call-{index}")
            yield {index: call}


def agent_for(pieces: list[tuple[str, str]]) -> Agent[AgentDeps, str]:
    async def respond(messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[Delta]:
        last = messages[-1]
        assert isinstance(last, ModelRequest)
        if any(isinstance(part, ToolReturnPart) for part in last.parts):
            yield "done"
            return
        for delta in deltas(pieces):
            yield delta

    def echo(text: str = "x") -> str:
        return text

    def fail() -> str:
        raise ValueError("secret")

    return Agent(
        FunctionModel(stream_function=respond), deps_type=AgentDeps, tools=[echo, fail], retries=1
    )


RUN_ID = str(UUID(int=7))


async def play(
    pieces: list[tuple[str, str]],
    stop_after: int | None = None,
    reason: CancelReason = CancelReason.USER,
) -> tuple[list[bytes], MessageAssembler, RunControl]:
    control = RunControl()
    cancellation = CancellationToken()
    control.on_cancel(cancellation.cancel)
    stream = RunEventStream(thread_id="t", run_id=RUN_ID, include_usage=True, control=control)
    deps = AgentDeps(UUID(int=0), (), _EmptyOperations(), "", "")
    assembler, raw = MessageAssembler(), list[bytes]()
    events = agent_for(pieces).run_stream_events(
        "hello",
        deps=deps,
        cancellation_token=cancellation,
        usage_limits=UsageLimits(request_limit=4),
    )
    async with events as native:
        async for event in stream.transform_stream(native):
            assembler.apply(event)
            raw.append(encode_event(event))
            if len(raw) == stop_after:
                control.cancel(reason)
    return raw, assembler, control


@settings(max_examples=60, deadline=None)
@given(
    pieces=PIECES,
    stop_after=st.none() | st.integers(1, 20),
    reason=st.sampled_from([CancelReason.USER, CancelReason.SUPERSEDED]),
)
def test_every_stream_is_sound_and_its_messages_can_be_read_again(
    agui_client: AguiClient,
    pieces: list[tuple[str, str]],
    stop_after: int | None,
    reason: CancelReason,
) -> None:
    raw, assembler, control = asyncio.run(play(pieces, stop_after, reason))
    verifier = StreamVerifier()
    events = [verifier.take(event) for event in raw]
    assert verifier.between_runs
    assert b"secret" not in b"".join(raw)
    if control.reason is not None and events[-1]["type"] == "RUN_FINISHED":
        assert events[-1]["outcome"]["type"] in {"cancelled", "success"}  # it may come too late
    said = "".join(e["delta"] for e in events if e["type"] == "TEXT_MESSAGE_CONTENT")
    stored = assembler.messages()
    assert "".join(m["content"] for m in stored if m["role"] == "assistant") == said
    json.dumps(stored)
    to_model_messages(stored)
    built = agui_client.expect_accepted(raw)
    assert [message for message in built if says_something(message)] == stored


def says_something(message: dict[str, object]) -> bool:
    """Return whether a client's message is one that is stored."""
    return bool(message["content"] or message.get("toolCalls")) or message["role"] == "tool"
