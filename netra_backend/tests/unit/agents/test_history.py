"""What the model gets to read."""

from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st
from pydantic_ai.messages import ModelRequest, ModelResponse, ThinkingPart, ToolReturnPart

from netra_backend.app.agents.history import SHORTENED, to_model_messages, within


def message(role: str, content: str, **others: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "role": role, "content": content, **others}


ROLES = st.sampled_from(["user", "assistant", "reasoning"])


@given(st.lists(st.tuples(ROLES, st.text(max_size=50)), max_size=20), st.integers(0, 300))
def test_a_history_fits_and_starts_with_a_user_message(
    spoken: list[tuple[str, str]], limit: int
) -> None:
    oldest_first = [message(role, text) for role, text in spoken]
    kept = within(list(reversed(oldest_first)), limit)
    assert sum(len(item["content"]) for item in kept) <= limit
    ids = [item["id"] for item in oldest_first]
    positions = [ids.index(item["id"]) for item in kept]
    assert positions == sorted(positions)
    assert not kept or kept[0]["role"] == "user"


@given(st.integers(0, 200_000), st.integers(0, 200_000))
def test_no_length_of_a_message_empties_the_history(question: int, answer: int) -> None:
    kept = within([message("assistant", "a" * answer), message("user", "q" * question)], 60_000)
    assert [item["role"] for item in kept] == ["user", "assistant"]
    for item, length in zip(kept, (question, answer), strict=True):
        assert (SHORTENED in item["content"]) == (length > 15_000)
        assert len(item["content"]) == length or 14_000 < len(item["content"]) <= 15_000


def test_an_answer_longer_than_the_bound_keeps_its_question_and_its_end() -> None:
    spoken = [message("user", "q"), *(message("assistant", "a" * 20) for _ in range(10))]
    kept = within(list(reversed(spoken)), 100)
    assert [item["role"] for item in kept] == ["user", *["assistant"] * 4]


def test_tool_calls_and_results_are_translated_and_unsealed_reasoning_is_not() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    translated = to_model_messages(
        [
            message("user", "hello"),
            message("reasoning", "secret thoughts"),
            message("assistant", "", toolCalls=[call]),
            message("tool", "result", toolCallId="c1"),
            message("assistant", "done"),
        ]
    )
    parts = [part for item in translated for part in item.parts]
    assert not any(isinstance(part, ThinkingPart) for part in parts)
    result = next(part for part in parts if isinstance(part, ToolReturnPart))
    assert (result.tool_name, result.content) == ("f", "result")
    assert isinstance(translated[0], ModelRequest)
    assert isinstance(translated[-1], ModelResponse)
