"""The port through which runs publish their events."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID


class RunEventPublisher(Protocol):
    """Delivers the events of runs to the subscribers of a thread, in the order of the calls."""

    async def publish(self, *, thread_id: UUID, run_id: UUID, event: bytes, terminal: bool) -> None:
        """Append one event to the thread's stream.

        Args:
            thread_id: the thread whose subscribers receive the event.
            run_id: the run that emitted it.
            event: an AG-UI event as JSON; optional members are absent, never null.
            terminal: true for the last event of the run.

        Raises:
            Unavailable: the event was not appended.
        """
        ...

    async def published(self, *, thread_id: UUID, run_id: UUID) -> Sequence[bytes]:
        """Return the events of the run that the stream still contains, in order.

        A process that recovers the run calls it. The result is empty when the stream was lost;
        subscribers then reload the history as well.

        Raises:
            Unavailable: the stream store does not answer.
        """
        ...
