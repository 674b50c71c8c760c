"""What this room needs from others, and what it offers them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from pydantic import JsonValue


class RunEventPublisher(Protocol):
    """Brings the events of runs to whoever watches the thread, in the order of the calls."""

    async def publish(self, *, thread_id: UUID, run_id: UUID, event: bytes, terminal: bool) -> None:
        """Append one event to the thread's stream.

        Args:
            thread_id: the thread whose watchers get the event.
            run_id: the run that emitted it.
            event: an AG-UI event as JSON; optional members are absent, never null.
            terminal: true for the run's last event.

        Raises:
            Unavailable: the event was not appended.
        """
        ...

    async def published(self, *, thread_id: UUID, run_id: UUID) -> Sequence[bytes]:
        """Return the run's events that watchers can still get, in order, as they were published.

        Asked by an instance that takes a run over. Empty when the stream was lost: then its
        watchers begin anew as well.

        Raises:
            Unavailable: the stream's store does not answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class RunbookHit:
    """A section of the runbook that matches a search. ``excerpt`` is Markdown."""

    page: str
    heading: str
    path: str
    excerpt: str


class OperationsView(Protocol):
    """What the operations guide's tools may see of the platform."""

    async def readiness(self) -> Mapping[str, JsonValue]:
        """Return the readiness snapshot, as ``/health/ready?verbose=1`` shows it."""
        ...

    async def connections(self) -> Mapping[str, JsonValue]:
        """Return counts of this instance's connections, by state and by close code."""
        ...

    async def stop_runs(self, *, older_than_seconds: float) -> int:
        """Ask every run that began before that to end, on all instances; return how many."""
        ...

    async def explain_code(self, code: str) -> Mapping[str, JsonValue] | None:
        """Explain a WebSocket close code, a JSON-RPC error number or an error code."""
        ...

    async def search_runbook(self, query: str) -> Sequence[RunbookHit]:
        """Return the sections that match best, best first."""
        ...
