"""What the model gets to read."""

from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st
from pydantic_ai.messages import ModelRequest, ModelResponse, ThinkingPart, ToolReturnPart

from netra_backend.app.agents.history import to_model_messages, within


def message(role: str, content: str, **others: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "role": role, "content": content, **others}


ROLES = st.sampled_from(["user", "assistant", "reasoning"])


@given(st.lists(st.tuples(ROLES, st.text(max_size=50)), max_size=20), st.integers(0, 300))
def test_a_history_fits_begins_with_a_user_and_is_the_newest_part(
    spoken: list[tuple[str, str]], limit: int
) -> None:
    oldest_first = [message(role, text) for role, text in spoken]
    kept = within(list(reversed(oldest_first)), limit)
    assert sum(len(item["content"]) for item in kept) <= limit
    assert kept == oldest_first[len(oldest_first) - len(kept) :]
    assert not kept or kept[0]["role"] == "user"


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
