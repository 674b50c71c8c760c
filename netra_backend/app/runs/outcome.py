"""The outcome of a run, derived from what was recorded."""

import time
from typing import Any

from ag_ui.core import (
    RunErrorEvent,
    RunFinishedCancelledOutcome,
    RunFinishedEvent,
    RunFinishedInterruptOutcome,
)

from netra_backend.app.runs.errors import StreamLost
from netra_backend.app.runs.recorder import RunRecorder
from netra_backend.app.runs.run_spec import (
    FINISH_REASON,
    FinishReason,
    RunOutcome,
    RunSpec,
    RunStatus,
)
from netra_shared.errors import InternalError, NetraError
from netra_shared.logging import get_logger

_log = get_logger(__name__)


async def conclude(
    recorder: RunRecorder, failure: NetraError | None, paused: str | None = None
) -> RunOutcome:
    """Return the outcome of what was recorded.

    When subscribers received only part of the stream, their terminal event is an error that asks
    them to reload the history; the stored run keeps its own status.
    """
    if recorder.terminal is None and failure is None:
        _log.error("run ended without terminal event")
        failure = InternalError("The run ended without a terminal event.")
    if failure is not None and not isinstance(recorder.terminal, RunErrorEvent):
        await recorder.record(error_event(failure))
    terminal = recorder.terminal
    assert terminal is not None  # noqa: S101  recorded above; for the type checker
    status = _status(terminal, failure)
    usage = _json(terminal).get("usage")
    finish_reason = _finish_reason(terminal) if status == "completed" else None
    interrupts = _interrupts(terminal) if failure is None else None
    if recorder.stream_broken:
        terminal = error_event(StreamLost())
    return RunOutcome(
        status=status,
        error_code=failure.code if failure else None,
        messages=recorder.messages(),
        usage=usage,
        terminal=_json(terminal),
        interrupts=interrupts,
        paused_messages=paused if interrupts else None,
        finish_reason=finish_reason,
        step_times=recorder.step_times(),
    )


def error_event(failure: NetraError) -> RunErrorEvent:
    """Return the ``RUN_ERROR`` event of ``failure``."""
    return RunErrorEvent(
        message=failure.detail, code=failure.code, timestamp=round(time.time() * 1000)
    )


def cancelled_event(spec: RunSpec) -> RunFinishedEvent:
    """Return the ``RUN_FINISHED`` event of a cancelled run."""
    return RunFinishedEvent(
        thread_id=str(spec.thread_id),
        run_id=str(spec.run_id),
        outcome=RunFinishedCancelledOutcome(),
        timestamp=round(time.time() * 1000),
    )


def _interrupts(terminal: RunFinishedEvent | RunErrorEvent) -> list[dict[str, Any]] | None:
    outcome = terminal.outcome if isinstance(terminal, RunFinishedEvent) else None
    if not isinstance(outcome, RunFinishedInterruptOutcome):
        return None
    return [item.model_dump(mode="json", by_alias=True) for item in outcome.interrupts]


def _status(terminal: RunFinishedEvent | RunErrorEvent, failure: NetraError | None) -> RunStatus:
    if failure is not None:
        return "failed"
    outcome = terminal.outcome if isinstance(terminal, RunFinishedEvent) else None
    if outcome is None or outcome.type == "success":
        return "completed"
    return "cancelled" if outcome.type == "cancelled" else "interrupted"


def _finish_reason(terminal: RunFinishedEvent | RunErrorEvent) -> FinishReason:
    reason: FinishReason = (terminal.metadata or {}).get(FINISH_REASON, "stop")
    return reason


def _json(event: RunFinishedEvent | RunErrorEvent) -> dict[str, Any]:
    return event.model_dump(mode="json", by_alias=True)
