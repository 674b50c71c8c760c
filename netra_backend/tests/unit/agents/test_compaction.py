"""The summary is in the first question; which messages it covers follows from the room."""

from typing import Any
from uuid import UUID, uuid4

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    SystemPromptPart,
    TextPart,
    UserPromptPart,
)
from sqlalchemy.ext.asyncio import create_async_engine

from netra_backend.app.agents.compaction import with_summary
from netra_backend.app.agents.history import (
    FEWEST_CHARACTERS,
    MOST_CHARACTERS,
    History,
    ThreadHistory,
    characters_for,
)


def body(role: str, content: str) -> dict[str, Any]:
    return {"id": str(uuid4()), "role": role, "content": content}


def history_of(bodies: list[dict[str, Any]], *, compacts: bool, summary: str = "") -> History:
    engine = create_async_engine("postgresql+asyncpg://x@127.0.0.1:1/none")
    reader = ThreadHistory(engine, max_messages=8, max_characters=400, compacts=compacts)
    return reader._within(bodies[::-1], len(bodies), summary)


def test_the_summary_is_part_of_the_first_question() -> None:
    messages: list[ModelMessage] = [
        ModelRequest(parts=[SystemPromptPart("system"), UserPromptPart("And now?")]),
        ModelResponse(parts=[TextPart("Now.")]),
        ModelRequest(parts=[UserPromptPart("Why?")]),
    ]
    first, *rest = with_summary(messages, "They met.")
    assert isinstance(first, ModelRequest)
    question = first.parts[1]
    assert isinstance(question, UserPromptPart)
    assert question.content == (
        "[Summary of the earlier conversation]\nThey met.\n[End of the summary]\n\nAnd now?"
    )
    assert rest == messages[1:]
    assert with_summary(messages[1:2], "x") == messages[1:2]


def test_a_thread_that_fits_has_nothing_to_summarise() -> None:
    history = history_of([body("user", "q"), body("assistant", "a")], compacts=True)
    assert (history.omitted, history.earlier, len(history.messages)) == (0, None, 2)


def test_what_does_not_fit_is_summarised_up_to_the_first_message_that_is_kept() -> None:
    bodies = [body(role, "x" * 40) for _ in range(10) for role in ("user", "assistant")]
    history = history_of(bodies, compacts=True)
    assert history.earlier is not None
    kept = len(history.messages)
    assert kept == 4, "half of the room, so that not each run summarises"
    assert history.omitted == 0
    assert history.earlier.message_id == UUID(bodies[-kept - 1]["id"])
    assert len(history.earlier.bodies) + history.earlier.left_out + kept == len(bodies)
    assert history.earlier.bodies[-1] == bodies[-kept - 1]


def test_without_a_model_that_can_summarise_the_oldest_are_left_out() -> None:
    bodies = [body(role, "x" * 40) for _ in range(10) for role in ("user", "assistant")]
    history = history_of(bodies, compacts=False)
    assert history.earlier is None
    assert history.omitted == len(bodies) - len(history.messages) > 0


def test_the_history_follows_the_models_context() -> None:
    assert characters_for(128_000) == 96_000
    assert characters_for(1_024) == FEWEST_CHARACTERS
    assert characters_for(2_000_000) == MOST_CHARACTERS
