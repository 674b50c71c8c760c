"""When the steps of a run started and ended, from the times of its AG-UI events."""

from ag_ui.core import (
    BaseEvent,
    CustomEvent,
    ReasoningMessageEndEvent,
    ReasoningMessageStartEvent,
    ToolCallResultEvent,
    ToolCallStartEvent,
)

from netra_backend.app.runs.run_spec import Times


class StepTimes:
    """Applies events in order, as ``MessageAssembler`` does.

    The call that a person approved started in the run before: it has an end here and no start.
    """

    def __init__(self) -> None:
        self._times: Times = {}

    def apply(self, event: BaseEvent) -> None:
        """Apply one event; events without a time, or of no step, are ignored."""
        match event:
            case CustomEvent(name="netra.restarted"):
                for step in (*event.value["messages"], *event.value.get("toolCalls", ())):
                    self._times.pop(step, None)
            case _ if event.timestamp is None:
                pass
            case ToolCallStartEvent():
                self._times.setdefault(event.tool_call_id, [event.timestamp, None])
            case ReasoningMessageStartEvent():
                self._times.setdefault(event.message_id, [event.timestamp, None])
            case ToolCallResultEvent():
                self._times.setdefault(event.tool_call_id, [None, None])[1] = event.timestamp
            case ReasoningMessageEndEvent():
                self._times.setdefault(event.message_id, [None, None])[1] = event.timestamp
            case _:
                pass

    def times(self) -> Times | None:
        """Return the times so far; None without any step."""
        return dict(self._times) or None
