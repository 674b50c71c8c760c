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

    async def published(self, *, thread_id: UUID, run_id: UUID) -> Sequence[bytes] | None:
        """Return all events of the run that subscribers can have, in order.

        A process that recovers the run calls it.

        Returns:
            None when the stream has none, or has lost some of them; see ``restart``.

        Raises:
            Unavailable: the stream store does not answer, or is being repaired.
        """
        ...

    async def restart(self, *, thread_id: UUID, run_id: UUID) -> None:
        """Break the continuity of the thread's stream, so that the run can publish from its start.

        Every subscriber loads the history again and then gets the events that follow.

        Raises:
            Unavailable: the stream store does not answer.
        """
        ...
