from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from netra_client.events import StreamReset, ThreadEvent
from netra_client.models import Message
from netra_client.resume import Position
from netra_ops.chat.transcript import Answer, Notice, Piece, Reasoning, ToolDone, Transcript

THREAD = RUN = UUID(int=1)


def event(type_: str, **members: Any) -> ThreadEvent:
    return ThreadEvent(THREAD, RUN, Position("e", 1), {"type": type_, **members})


def played(*events: ThreadEvent) -> list[Piece]:
    transcript = Transcript()
    pieces = [piece for now, item in enumerate(events) for piece in transcript.take(item, now)]
    return pieces + transcript.finish()


def test_reasoning_comes_before_the_answer_in_finished_pieces() -> None:
    assert played(
        event("RUN_STARTED"),
        event("REASONING_MESSAGE_CONTENT", delta="Let me "),
        event("REASONING_MESSAGE_CONTENT", delta="look."),
        event("TEXT_MESSAGE_CONTENT", delta="One.\n\nTw"),
        event("TEXT_MESSAGE_CONTENT", delta="o."),
        event("TEXT_MESSAGE_END"),
        event("RUN_FINISHED", outcome={"type": "success"}),
    ) == [Reasoning("Let me look."), Answer("One."), Answer("Two.")]


def test_a_restart_drops_what_was_growing_and_says_so() -> None:
    shown = played(
        event("TEXT_MESSAGE_CONTENT", messageId="a", delta="It is "),
        event("CUSTOM", name="netra.restarted", value={"messages": {"a": "b"}}),
        event("TEXT_MESSAGE_CONTENT", messageId="b", delta="They are."),
        event("RUN_FINISHED", outcome={"type": "success"}),
    )
    assert isinstance(shown[0], Notice)
    assert shown[1:] == [Answer("They are.")]


def test_a_tool_call_that_continues_keeps_its_arguments() -> None:
    start = event("TOOL_CALL_START", toolCallId="a", toolCallName="look")
    (tool,) = played(
        start,
        event("TOOL_CALL_ARGS", toolCallId="a", delta="{"),
        start,
        event("TOOL_CALL_ARGS", toolCallId="a", delta="}"),
        event("TOOL_CALL_RESULT", toolCallId="a", content="x"),
    )
    assert isinstance(tool, ToolDone)
    assert tool.arguments == "{}"


def test_a_tool_call_is_shown_with_its_time_and_on_one_line() -> None:
    assert played(
        event("TOOL_CALL_START", toolCallId="a", toolCallName="look\x1b[2Jup"),
        event("TOOL_CALL_ARGS", toolCallId="a", delta='{"code":'),
        event("TOOL_CALL_ARGS", toolCallId="a", delta="\n4413}"),
        event("TOOL_CALL_RESULT", toolCallId="a", content="a\nb"),
    ) == [ToolDone("look[2Jup", '{"code": 4413}', "a b", 3.0)]


def test_two_concurrent_tools_are_kept_apart() -> None:
    pieces = played(
        event("TOOL_CALL_START", toolCallId="a", toolCallName="first"),
        event("TOOL_CALL_START", toolCallId="b", toolCallName="second"),
        event("TOOL_CALL_RESULT", toolCallId="b", content="2"),
        event("TOOL_CALL_RESULT", toolCallId="a", content="1"),
    )
    assert [(p.name, p.result) for p in pieces if isinstance(p, ToolDone)] == [
        ("second", "2"),
        ("first", "1"),
    ]


def test_a_stopped_and_a_failed_run_say_so_after_their_text() -> None:
    text = event("TEXT_MESSAGE_CONTENT", delta="half")
    assert played(text, event("RUN_FINISHED", outcome={"type": "cancelled"})) == [
        Answer("half"),
        Notice("Stopped."),
    ]
    assert played(text, event("RUN_ERROR", message="unavailable", code="model_unavailable")) == [
        Answer("half"),
        Notice("unavailable (model_unavailable)", is_error=True),
    ]


def test_a_reset_forgets_what_was_growing() -> None:
    stored = Message(str(uuid4()), "assistant", datetime.now(UTC), "whole", RUN)
    transcript = Transcript()
    transcript.take(event("TEXT_MESSAGE_CONTENT", delta="ha"), 0)
    pieces = transcript.take(StreamReset(THREAD, "trimmed", None, (stored,)), 1)
    assert pieces[1:] == [Answer("whole")]
    assert transcript.finish() == []


def test_an_active_run_is_shown_from_its_start_not_from_the_history() -> None:
    stored = Message(str(uuid4()), "assistant", datetime.now(UTC), "an older answer")
    assert len(Transcript().take(StreamReset(THREAD, "trimmed", RUN, (stored,)), 0)) == 1


def test_an_event_of_a_newer_vocabulary_is_ignored() -> None:
    assert played(event("TELEPATHY"), event("CUSTOM", name="x", value=1)) == []
