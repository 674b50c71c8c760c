"""What is opened again or closed for a stream to be sound."""

from ag_ui.core import (
    BaseEvent,
    ReasoningEndEvent,
    ReasoningMessageContentEvent,
    RunErrorEvent,
    RunFinishedEvent,
    TextMessageContentEvent,
    TextMessageEndEvent,
    TextMessageStartEvent,
    ToolCallArgsEvent,
    ToolCallEndEvent,
    ToolCallStartEvent,
)

from netra_backend.app.runs.event_ordering import EventOrdering

START = TextMessageStartEvent(message_id="m", role="assistant")
SAY = TextMessageContentEvent(message_id="m", delta="x", timestamp=7)
END = TextMessageEndEvent(message_id="m")
CALL = ToolCallStartEvent(tool_call_id="c", tool_call_name="n", parent_message_id="m")
ARGS = ToolCallArgsEvent(tool_call_id="c", delta="{")
CALL_END = ToolCallEndEvent(tool_call_id="c")
THINK = ReasoningMessageContentEvent(message_id="r", delta="x")


def kinds(*events: BaseEvent) -> list[str]:
    brackets = EventOrdering()
    return [sound.type for event in events for sound in brackets.admit(event)]


def test_a_sound_stream_is_left_alone() -> None:
    events = [START, SAY, END, CALL, ARGS, CALL_END]
    brackets = EventOrdering()
    assert [item for event in events for item in brackets.admit(event)] == events
    assert brackets.close() == []


def test_what_continues_after_its_end_is_opened_again_under_its_id() -> None:
    assert kinds(START, END, SAY)[-2:] == ["TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT"]
    assert kinds(CALL, CALL_END, ARGS)[-2:] == ["TOOL_CALL_START", "TOOL_CALL_ARGS"]
    assert kinds(THINK) == [
        "REASONING_START",
        "REASONING_MESSAGE_START",
        "REASONING_MESSAGE_CONTENT",
    ]


def test_what_is_opened_for_an_event_gets_its_time() -> None:
    assert [event.timestamp for event in EventOrdering().admit(SAY)] == [7, 7]


def test_a_second_start_or_end_and_arguments_of_no_call_are_dropped() -> None:
    assert kinds(START, START, END, END) == ["TEXT_MESSAGE_START", "TEXT_MESSAGE_END"]
    assert kinds(ARGS, CALL_END) == []


def test_the_end_of_a_span_ends_its_message() -> None:
    assert kinds(THINK, ReasoningEndEvent(message_id="r"))[-2:] == [
        "REASONING_MESSAGE_END",
        "REASONING_END",
    ]


def test_both_endings_of_a_run_close_what_is_open() -> None:
    closed = ["REASONING_MESSAGE_END", "REASONING_END", "TEXT_MESSAGE_END", "TOOL_CALL_END"]
    opened = (START, CALL, THINK)
    assert kinds(*opened, RunErrorEvent(message="m"))[-5:] == [*closed, "RUN_ERROR"]
    finished = RunFinishedEvent(thread_id="t", run_id="r")
    assert kinds(*opened, finished)[-5:] == [*closed, "RUN_FINISHED"]
