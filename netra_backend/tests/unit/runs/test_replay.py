"""For any earlier publication, and any second answer of a model: one sound stream."""

import asyncio
from typing import Any

from ag_ui.core import CustomEvent, TextMessageContentEvent, TextMessageStartEvent
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from netra_backend.app.runs.assembler import MessageAssembler
from netra_backend.app.runs.event_codec import encode_event, parse_events
from netra_backend.app.runs.replay import Replay
from netra_backend.tests.unit.runs.test_stream_property import PIECES, play
from netra_backend.tests.unit.runs.verifier import EVENT, StreamVerifier
from test_framework.agui.client import AguiClient

ENDINGS = (b'"type":"RUN_FINISHED"', b'"type":"RUN_ERROR"')


def resumed(published: list[bytes], again: list[bytes], attempt: int = 2) -> list[bytes]:
    """Return what watchers get in all."""
    replay = Replay(parse_events(published), attempt)
    news = [item for raw in again for item in replay.admit(EVENT.validate_json(raw))]
    return published + [encode_event(item) for item in news]


def published_events(raw: list[bytes]) -> list[dict[str, Any]]:
    """Return the messages without what differs from attempt to attempt: their ids."""
    assembler = MessageAssembler()
    for event in raw:
        assembler.apply(EVENT.validate_json(event))
    return [
        {key: value for key, value in message.items() if key in {"role", "content"}}
        for message in assembler.messages()
    ]


def cut(raw: list[bytes], at: int, *, before: tuple[bytes, ...] = ()) -> list[bytes]:
    """Return the first ``at`` events, none of which ends the run or is of a type ``before``."""
    kept = raw[:at]
    stops = [i for i, event in enumerate(kept) if any(word in event for word in ENDINGS + before)]
    return kept[: min(stops, default=len(kept))]


# Shrinking plays hundreds of runs and takes minutes; the failing example is short as it is.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=50, deadline=None, phases=PHASES)
@given(pieces=PIECES, at=st.integers(0, 30))
@example(pieces=[("say", "0"), ("think", ""), ("say", "0")], at=6)
@example(pieces=[("say", "0"), ("call", "echo"), ("say", "0")], at=10)
def test_a_model_that_says_the_same_again_leaves_no_trace_of_the_loss(
    pieces: list[tuple[str, str]], at: int
) -> None:
    raw, _, _ = asyncio.run(play(pieces))
    published = cut(raw, at)
    whole = resumed(published, raw)
    assert published_events(whole) == published_events(raw)
    if b'"type":"RUN_FINISHED"' in raw[-1]:
        assert not any(b"netra.restarted" in event for event in whole)


@settings(max_examples=30, deadline=None, phases=PHASES)
@given(
    first=PIECES, second=PIECES, third=PIECES, at=st.tuples(st.integers(0, 30), st.integers(0, 50))
)
def test_a_model_that_says_something_else_is_heard_and_what_was_torn_is_void(
    agui_client: AguiClient,
    first: list[tuple[str, str]],
    second: list[tuple[str, str]],
    third: list[tuple[str, str]],
    at: tuple[int, int],
) -> None:
    # A published result is a recorded one: what comes before it is not torn.
    torn = (b'"type":"TOOL_CALL_RESULT"',)
    stream = cut(asyncio.run(play(first))[0], at[0], before=torn)
    stream = cut(resumed(stream, asyncio.run(play(second))[0]), at[1], before=torn)
    last, _, _ = asyncio.run(play(third))
    stream = resumed(stream, last, attempt=3)
    verifier = StreamVerifier()
    for event in stream:
        verifier.take(event)
    assert verifier.between_runs
    agui_client.expect_accepted(stream)
    if b'"type":"RUN_FINISHED"' in last[-1]:
        assert published_events(stream) == published_events(last)


def test_a_restart_names_what_is_void_and_what_replaces_it() -> None:
    key = "00000000-0000-0000-0000-000000000001"
    start = TextMessageStartEvent(message_id=key, role="assistant")
    replay = Replay([start, TextMessageContentEvent(message_id=key, delta="one")], attempt=2)
    assert replay.admit(start) == []
    assert replay.admit(TextMessageContentEvent(message_id=key, delta="o")) == []
    retold = replay.admit(TextMessageContentEvent(message_id=key, delta="ther"))
    end, restart, opened, *said = retold
    assert end.type == "TEXT_MESSAGE_END"
    assert isinstance(restart, CustomEvent)
    new = restart.value["messages"][key]
    assert isinstance(opened, TextMessageStartEvent)
    assert opened.message_id == new != key
    assert [item.delta for item in said if isinstance(item, TextMessageContentEvent)] == [
        "o",
        "ther",
    ]


def test_published_beyond_the_point_of_return_continues_letter_by_letter() -> None:
    key = "00000000-0000-0000-0000-000000000001"
    start = TextMessageStartEvent(message_id=key, role="assistant")
    replay = Replay([start, TextMessageContentEvent(message_id=key, delta="one tw")], attempt=2)
    assert replay.admit(start) == []
    (rest,) = replay.admit(TextMessageContentEvent(message_id=key, delta="one two"))
    assert isinstance(rest, TextMessageContentEvent)
    assert rest.delta == "o"
