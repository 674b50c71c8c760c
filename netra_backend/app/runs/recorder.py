"""Records a run: assembles its messages for storage and publishes its events."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from ag_ui.core import BaseEvent, RunErrorEvent, RunFinishedEvent

from netra_backend.app.runs.assembler import MessageAssembler
from netra_backend.app.runs.control import RunControl
from netra_backend.app.runs.event_codec import encode_event
from netra_backend.app.runs.publishing import RunEventPublisher
from netra_backend.app.runs.replay import ADDING, Replay
from netra_backend.app.runs.run_spec import Times
from netra_backend.app.runs.step_times import StepTimes
from netra_shared.errors import NetraError
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed

# A character takes at most 12 bytes of JSON (a surrogate pair, escaped): far below any event cap.
MAX_DELTA_CHARACTERS = 8_000

_log = get_logger(__name__)


class RunRecorder:
    """Records one run.

    The terminal event is kept and not published: the answer is stored first, so that a client
    that receives the terminal event finds the answer in the history.

    After an event that could not be published, no further one is published: subscribers must
    never receive a stream with a gap. The run continues, since its answer can still be stored.

    Args:
        thread_id: whose stream.
        run_id: the run.
        publisher: delivers events to subscribers.
        control: knows whether this process may publish for the run.
        published: the events of earlier attempts, in order; None when they could not be read,
            and then nothing is published.
        attempt: the number of this attempt.
    """

    def __init__(
        self,
        *,
        thread_id: UUID,
        run_id: UUID,
        publisher: RunEventPublisher,
        control: RunControl,
        published: Sequence[BaseEvent] | None = (),
        attempt: int = 1,
    ) -> None:
        self._thread_id = thread_id
        self._run_id = run_id
        self._publisher = publisher
        self._control = control
        self._assembler = MessageAssembler()
        self._times = StepTimes()
        for event in published or ():
            self._assembler.apply(event)
            self._times.apply(event)
        self._replay = Replay(published, attempt) if published else None
        self.terminal: RunFinishedEvent | RunErrorEvent | None = None
        self.stream_broken = published is None

    async def record(self, event: BaseEvent) -> None:
        """Record one event."""
        for item in self._replay.admit(event) if self._replay else (event,):
            for piece in _pieces(item):
                await self._record(piece)

    async def _record(self, event: BaseEvent) -> None:
        if isinstance(event, RunFinishedEvent | RunErrorEvent):
            self.terminal = event
            return
        self._assembler.apply(event)
        self._times.apply(event)
        if self.stream_broken or not self._control.may_publish():
            return
        self.stream_broken = True
        with swallowed(_log, "run_event_not_published", NetraError):
            await self._publisher.publish(
                thread_id=self._thread_id,
                run_id=self._run_id,
                event=encode_event(event),
                terminal=False,
            )
            self.stream_broken = False

    def messages(self) -> list[dict[str, Any]]:
        """Return the messages of the run so far, as AG-UI messages."""
        return self._assembler.messages()

    def step_times(self) -> Times | None:
        """Return when the steps so far started and ended; None without any."""
        return self._times.times()


def _pieces(event: BaseEvent) -> Iterator[BaseEvent]:
    """Yield ``event``, or its content in parts that fit the stream.

    A replayed step is one event, of any length.
    """
    if not isinstance(event, ADDING) or len(event.delta) <= MAX_DELTA_CHARACTERS:
        yield event
        return
    for start in range(0, len(event.delta), MAX_DELTA_CHARACTERS):
        part = event.delta[start : start + MAX_DELTA_CHARACTERS]
        yield event.model_copy(update={"delta": part})
