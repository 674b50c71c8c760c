"""Steps have the times of their events, whoever made the events."""

from ag_ui.core import (
    BaseEvent,
    CustomEvent,
    ReasoningMessageEndEvent,
    ReasoningMessageStartEvent,
    ToolCallResultEvent,
    ToolCallStartEvent,
)

from netra_backend.app.runs.run_spec import Times
from netra_backend.app.runs.step_times import StepTimes


def times_of(*events: BaseEvent) -> Times | None:
    steps = StepTimes()
    for event in events:
        steps.apply(event)
    return steps.times()


def started(call: str, at: int | None) -> ToolCallStartEvent:
    return ToolCallStartEvent(tool_call_id=call, tool_call_name="look", timestamp=at)


def result(call: str, at: int) -> ToolCallResultEvent:
    return ToolCallResultEvent(message_id="m", tool_call_id=call, content="", timestamp=at)


def test_a_thought_and_a_call_have_a_start_and_an_end() -> None:
    assert times_of(
        ReasoningMessageStartEvent(message_id="a", role="reasoning", timestamp=1),
        ReasoningMessageEndEvent(message_id="a", timestamp=3),
        started("c", 4),
        started("c", 5),  # a model returned to it
        result("c", 9),
    ) == {"a": [1, 3], "c": [4, 9]}


def test_the_end_of_an_approved_call_is_in_the_run_that_continued() -> None:
    assert times_of(started("c", 4)) == {"c": [4, None]}
    assert times_of(result("c", 9)) == {"c": [None, 9]}


def test_what_a_recovered_run_repeats_has_the_times_of_the_repetition() -> None:
    void = CustomEvent(name="netra.restarted", value={"messages": {}, "toolCalls": {"c": "d"}})
    assert times_of(started("c", 4), void, started("d", 8)) == {"d": [8, None]}


def test_a_run_without_steps_or_without_times_stores_nothing() -> None:
    assert times_of() is None
    assert times_of(started("c", None)) is None
