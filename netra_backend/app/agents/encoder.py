"""Agent events encoded as AG-UI 1.0: endings say why, errors give nothing away."""

from collections.abc import AsyncIterator
from dataclasses import KW_ONLY, dataclass, field

from ag_ui.core import BaseEvent, RunErrorEvent, RunFinishedCancelledOutcome, RunFinishedEvent
from pydantic_ai.exceptions import RunCancelled, RunTimedOut
from pydantic_ai.ui.ag_ui import AGUIEventStream

from netra_backend.app.agents.control import CancelReason, RunControl
from netra_backend.app.agents.errors import RunInterrupted
from netra_backend.app.agents.failures import explain_failure
from netra_backend.app.agents.tools import AgentDeps
from netra_shared.errors import NetraError


@dataclass
class RunEventStream(AGUIEventStream[AgentDeps, str]):
    """The encoder of one run.

    ``protocolVersion`` on ``RUN_STARTED`` and the outcome of ``RUN_FINISHED`` are AG-UI 1.0's.
    A run that a person ended finishes as ``cancelled``; one that a deadline or a shutdown ended
    is an error, since the person still waits for the answer.
    """

    _: KW_ONLY

    control: RunControl = field(default_factory=RunControl)
    failure: NetraError | None = None

    async def on_error(self, error: Exception) -> AsyncIterator[BaseEvent]:
        """Emit ``RUN_ERROR`` with a text that is safe to show."""
        self.failure = explain_failure(error)
        async for event in super().on_error(self.failure):
            if isinstance(event, RunErrorEvent):
                event.code = self.failure.code
            yield event

    async def on_cancelled(self, cancelled: RunCancelled) -> AsyncIterator[BaseEvent]:
        """Turn deadlines and shutdowns into errors; leave the rest to ``after_stream``."""
        if isinstance(cancelled, RunTimedOut):
            ending = self.on_error(cancelled)
        elif self.control.reason is CancelReason.SHUTDOWN:
            ending = self.on_error(RunInterrupted("Send the message again to get a new answer."))
        else:
            ending = super().on_cancelled(cancelled)
        async for event in ending:
            yield event

    async def after_stream(self) -> AsyncIterator[BaseEvent]:
        """Emit ``RUN_FINISHED``.

        The base class declares the ``cancelled`` outcome only to clients whose request said
        1.0; here no request is at hand, and 1.0 is the only version on this wire.
        """
        async for event in super().after_stream():
            if self.cancelled is not None and isinstance(event, RunFinishedEvent):
                event.outcome = RunFinishedCancelledOutcome()
            yield event


def encode_event(event: BaseEvent) -> bytes:
    """Return ``event`` as JSON; members without a value are absent."""
    return event.model_dump_json(by_alias=True).encode()
