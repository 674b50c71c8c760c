"""What providers send, in the shape in which they send it, and what a client receives.

Each case is a recorded shape of an OpenAI-compatible stream; the comment names who sends it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from ag_ui.core import BaseEvent, RunErrorEvent, RunFinishedEvent, ToolCallStartEvent
from pydantic_ai.run import AgentRunResult

from netra_backend.app.agents.call_ids import ID_LENGTH
from netra_backend.app.agents.definition import build_agent
from netra_backend.app.agents.encoder import RunEventStream
from netra_backend.app.agents.finish_reasons import finish_reason_of
from netra_backend.app.agents.model_choice import choose_model
from netra_backend.app.agents.tools import AgentDeps, Answer
from netra_backend.app.agents.warm_up import _EmptyOperations
from netra_backend.app.runs.assembler import MessageAssembler
from netra_backend.app.runs.policy import RunPolicy
from netra_backend.tests.unit.agents.raw_server import (
    BASE,
    DONE,
    Broken,
    Refused,
    chunk,
    event,
    raw_server,
    usage,
)

ARGUMENTS = '{"code": "run_busy"}'
ANSWER = chunk({"content": "Done."}) + chunk(finish="stop") + DONE


def call(
    index: int | None = 0,
    name: str | None = "explain_code",
    arguments: str = ARGUMENTS,
    call_id: str | None = "call_1",
) -> dict[str, Any]:
    """Return the delta of a tool call."""
    item: dict[str, Any] = {"type": "function", "function": {"arguments": arguments}}
    if index is not None:
        item["index"] = index
    if name is not None:
        item["function"]["name"] = name
    if call_id is not None:
        item["id"] = call_id
    return {"tool_calls": [item]}


@dataclass
class Received:
    """What a client received."""

    events: list[BaseEvent]
    messages: list[dict[str, Any]]
    requests: list[dict[str, Any]]

    @property
    def text(self) -> str:
        return "".join(m["content"] for m in self.messages if m["role"] == "assistant")

    @property
    def calls(self) -> list[dict[str, Any]]:
        return [call for message in self.messages for call in message.get("toolCalls", ())]

    @property
    def results(self) -> list[str]:
        return [m["toolCallId"] for m in self.messages if m["role"] == "tool"]

    @property
    def end(self) -> RunFinishedEvent | RunErrorEvent:
        last = self.events[-1]
        assert isinstance(last, RunFinishedEvent | RunErrorEvent)
        return last

    @property
    def code(self) -> str | None:
        return self.end.code if isinstance(self.end, RunErrorEvent) else None

    @property
    def finish_reason(self) -> str:
        return str((self.end.metadata or {}).get("finishReason", "stop"))


async def received(*answers: bytes | Refused | Broken) -> Received:
    """Let the agent answer with the model that a server with ``answers`` offers."""
    async with raw_server(*answers) as server:
        agent = build_agent(choose_model("m", base_url=server.base_url), RunPolicy())
        stream = RunEventStream(thread_id="t", run_id=str(UUID(int=7)), include_usage=True)
        deps = AgentDeps(UUID(int=0), ("operator",), _EmptyOperations(), "", "")

        async def keep(result: AgentRunResult[Answer]) -> None:
            stream.finish_reason = finish_reason_of(result.response)

        assembler, events = MessageAssembler(), list[BaseEvent]()
        async with agent.run_stream_events("hello", deps=deps) as native:
            async for item in stream.transform_stream(native, on_complete=keep):
                events.append(item)
                assembler.apply(item)
                item.model_dump_json().encode()  # well-formed
        return Received(events, assembler.messages(), server.requests)


TEXTS: Sequence[tuple[str, bytes, str]] = [
    ("openai", chunk({"role": "assistant", "content": ""}) + chunk({"content": "Hi"})
     + chunk({"content": " you"}) + chunk(finish="stop") + DONE, "Hi you"),
    ("azure: a first chunk with filter results and no choices",
     event({**BASE, "choices": [], "prompt_filter_results": []}) + ANSWER, "Done."),
    ("azure: the asynchronous filter sends a choice without delta",
     event({**BASE, "choices": [{"index": 0, "finish_reason": None, "delta": None}]}) + ANSWER,
     "Done."),
    ("openrouter: comments keep the connection alive",
     b": OPENROUTER PROCESSING\n\n" * 3 + ANSWER, "Done."),
    ("litellm: an id line and a comment", b"id: 1\n\n: ping\n\n" + ANSWER, "Done."),
    ("an id line in each event", b"id: 7\n" + chunk({"content": "A"}) + b"id: 8\n\n:\n\n"
     + ANSWER, "ADone."),
    ("an event name in each event", b"event: message\n" + ANSWER, "Done."),
    ("a retry line", b"retry: 3000\n\n" + ANSWER, "Done."),
    ("a ping event without data", b"event: ping\n\n" + ANSWER, "Done."),
    ("llama.cpp: CRLF line ends", ANSWER.replace(b"\n", b"\r\n"), "Done."),
    ("no space after the colon", ANSWER.replace(b"data: ", b"data:"), "Done."),
    ("ollama: role in each chunk", chunk({"role": "assistant", "content": "A"})
     + chunk({"role": "assistant", "content": "B"}) + chunk({}, "stop") + DONE, "AB"),
    ("finish reason in the last content chunk", chunk({"content": "A"}, "stop") + DONE, "A"),
    ("no finish reason, but [DONE]", chunk({"content": "A"}) + DONE, "A"),
    ("finish reason, but no [DONE]", chunk({"content": "A"}) + chunk(finish="stop"), "A"),
    ("choices: null", event({**BASE, "choices": None}) + ANSWER, "Done."),
    ("content: null", chunk({"content": None}) + ANSWER, "Done."),
    ("mistral: content as a list of parts",
     chunk({"content": [{"type": "text", "text": "A"}]}) + ANSWER, "ADone."),
    ("a lone surrogate", b'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m"'
     b',"choices":[{"index":0,"delta":{"content":"a\\ud83d b"},"finish_reason":null}]}\n\n'
     + ANSWER, "a\ufffd bDone."),
    ("a surrogate pair in two deltas", chunk({"content": "\ud83d"}) + chunk({"content": "\ude00"})
     + ANSWER, "\U0001f600Done."),
    ("deepseek: reasoning_content", chunk({"reasoning_content": "hm"}) + ANSWER, "Done."),
    ("openrouter: reasoning", chunk({"reasoning": "hm"}) + ANSWER, "Done."),
    ("<think> tags in the content", chunk({"content": "<think>"}) + chunk({"content": "hm"})
     + chunk({"content": "</think>"}) + ANSWER, "Done."),
    ("an unknown finish reason", chunk({"content": "A"}, "eos_token") + DONE, "A"),
    ("unknown members", chunk({"content": "A", "zzz": 1}, zzz=[1]) + ANSWER, "ADone."),
    ("no id and no created", event({"choices": [{"index": 0, "delta": {"content": "A"}}]})
     + ANSWER, "ADone."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "text"), [case[1:] for case in TEXTS], ids=[c[0] for c in TEXTS]
)
async def test_the_text_of_an_answer(answer: bytes, text: str) -> None:
    result = await received(answer)
    assert (result.code, result.text) == (None, text)
    assert result.finish_reason == "stop"


CALLS: Sequence[tuple[str, tuple[bytes, ...], int]] = [
    ("the same id in two rounds", (chunk(call()) + chunk(finish="tool_calls") + DONE,) * 2, 2),
    ("the same id twice in one response",
     (chunk(call(0)) + chunk(call(1)) + chunk(finish="tool_calls") + DONE,), 2),
    ("no id", (chunk(call(call_id=None)) + chunk(finish="tool_calls") + DONE,), 1),
    ("an empty id", (chunk(call(call_id="")) + chunk(finish="tool_calls") + DONE,), 1),
    ("gemini: index 0 for each call",
     (chunk(call(0, call_id="a")) + chunk(call(0, call_id="b")) + chunk(finish="stop") + DONE,), 2),
    ("no index", (chunk(call(None)) + chunk(finish="tool_calls") + DONE,), 1),
    ("the name in each chunk", (chunk(call(arguments=ARGUMENTS[:5]))
     + chunk(call(arguments=ARGUMENTS[5:])) + chunk(finish="tool_calls") + DONE,), 1),
    ("name and id in the first chunk only", (chunk(call(arguments=""))
     + chunk(call(name=None, call_id=None)) + chunk(finish="tool_calls") + DONE,), 1),
    ("vllm: finish reason stop after a call", (chunk(call()) + chunk(finish="stop") + DONE,), 1),
    ("a text before the call", (chunk({"content": "Let me look."}) + chunk(call())
     + chunk(finish="tool_calls") + DONE,), 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rounds", "count"), [case[1:] for case in CALLS], ids=[case[0] for case in CALLS]
)
async def test_each_call_has_one_id_one_name_and_one_result(
    rounds: tuple[bytes, ...], count: int
) -> None:
    result = await received(*rounds, ANSWER)
    assert result.code is None
    ids = [item["id"] for item in result.calls]
    assert (len(ids), len(set(ids))) == (count, count)
    assert sorted(result.results) == sorted(ids)
    assert {item["function"]["name"] for item in result.calls} == {"explain_code"}
    assert {item["function"]["arguments"] for item in result.calls} == {ARGUMENTS}
    assert all(len(name) == ID_LENGTH and name.isalnum() for name in ids)
    starts = [item.tool_call_id for item in result.events if isinstance(item, ToolCallStartEvent)]
    assert starts == ids
    # What a strict provider reads in the next round: each call once, each with its result.
    last = result.requests[-1]["messages"]
    sent = [one["id"] for message in last for one in message.get("tool_calls") or ()]
    assert sent == ids
    assert sorted(m["tool_call_id"] for m in last if m["role"] == "tool") == sorted(ids)


async def test_usage_that_is_cumulative_in_each_chunk_counts_once() -> None:
    answer = b"".join(
        chunk({"content": "x"}, usage=usage(10, number)) for number in range(1, 6)
    ) + chunk(finish="stop", usage=usage(10, 5))
    result = await received(answer + DONE)
    assert isinstance(result.end, RunFinishedEvent)
    assert result.end.usage is not None
    assert (result.end.usage[0].input_tokens, result.end.usage[0].output_tokens) == (10, 5)


ENDS: Sequence[tuple[str, bytes | Refused | Broken, str | None, str, str]] = [
    ("truncated", chunk({"content": "Half"}) + chunk(finish="length") + DONE,
     None, "length", "Half"),
    ("filtered", chunk({"content": "Half"}) + chunk(finish="content_filter") + DONE,
     None, "content_filter", "Half"),
    ("a refusal", chunk({"refusal": "I cannot "}) + chunk({"refusal": "help."})
     + chunk(finish="stop") + DONE, None, "content_filter", "I cannot help."),
    ("cut without an end", chunk({"content": "Half"}), "answer_incomplete", "stop", "Half"),
    ("an empty stream", b"", "answer_incomplete", "stop", ""),
    ("a reset in the middle", Broken(chunk({"content": "Half"}), reset=True),
     "model_unavailable", "stop", "Half"),
    ("a body shorter than its length", Broken(chunk({"content": "Half"}),
     {"content-length": "9999"}), "model_unavailable", "stop", "Half"),
    ("a chunked body without its end", Broken(b"FF\r\n" + chunk({"content": "Half"}),
     {"transfer-encoding": "chunked"}), "model_unavailable", "stop", "Half"),
    ("an invalid chunk size", Broken(b"zz\r\n" + chunk({"content": "Half"}),
     {"transfer-encoding": "chunked"}), "model_unavailable", "stop", ""),
    ("a compression that is none", Broken(chunk({"content": "Half"}),
     {"content-encoding": "gzip"}), "model_unavailable", "stop", ""),
    ("a chunk that is no JSON", b"data: {nonsense\n\n" + DONE, "model_unavailable", "stop", ""),
    ("a chunk that is a list", b"data: [1]\n\n" + DONE, "model_unavailable", "stop", ""),
    ("a chunk of other types", event({"id": 1, "choices": "x"}) + DONE, "model_unavailable",
     "stop", ""),
    ("a delta that is text", event({**BASE, "choices": [{"index": 0, "delta": "x"}]}) + DONE,
     "model_unavailable", "stop", ""),
    ("bytes that are no UTF-8", b"data: \xff\xfe\n\n" + DONE, "model_unavailable", "stop", ""),
    ("reasoning used the budget", chunk({"reasoning": "hm"}) + chunk(finish="length") + DONE,
     "output_limit_reached", "stop", ""),
    ("filtered before the answer", chunk(finish="content_filter") + DONE,
     "answer_filtered", "stop", ""),
    ("a call that is cut", chunk(call(arguments='{"co')) + chunk(finish="length") + DONE,
     "output_limit_reached", "stop", ""),
    ("context too long", Refused(400, {"error": {"code": "context_length_exceeded",
     "message": "maximum context length is 10 tokens", "type": "invalid_request_error"}}),
     "context_too_long", "stop", ""),
    ("quota", Refused(429, {"error": {"code": "insufficient_quota", "type": "insufficient_quota",
     "message": "You exceeded your current quota"}}), "model_quota_exceeded", "stop", ""),
    ("a wrong key", Refused(401, {"error": {"message": "bad key"}}), "model_refused", "stop", ""),
    ("an error inside the stream", chunk({"content": "Half"})
     + event({"error": {"message": "overloaded", "code": 503}}) + DONE,
     "model_unavailable", "stop", "Half"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "code", "reason", "text"), [case[1:] for case in ENDS], ids=[c[0] for c in ENDS]
)
async def test_the_outcome_of_an_answer(
    answer: bytes | Refused | Broken, code: str | None, reason: str, text: str
) -> None:
    result = await received(answer)
    assert (result.code, result.finish_reason, result.text) == (code, reason, text)
