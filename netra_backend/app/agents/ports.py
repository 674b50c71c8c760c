"""What the tools of agents require of the platform."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class RunbookHit:
    """A section of the runbook that matches a search. ``excerpt`` is Markdown."""

    page: str
    heading: str
    path: str
    excerpt: str


class OperationsView(Protocol):
    """The platform's data for the tools of agents."""

    async def readiness(self) -> Mapping[str, JsonValue]:
        """Return the readiness snapshot, as ``/health/ready?verbose=1`` shows it."""
        ...

    async def connections(self) -> Mapping[str, JsonValue]:
        """Return counts of this instance's connections, by state and by close code."""
        ...

    async def stop_runs(self, *, older_than_seconds: float) -> int:
        """Cancel every run older than that, on all instances; return how many."""
        ...

    async def explain_code(self, code: str) -> Mapping[str, JsonValue] | None:
        """Explain a WebSocket close code, a JSON-RPC error number or an error code."""
        ...

    async def search_runbook(self, query: str) -> Sequence[RunbookHit]:
        """Return the best matching sections, best first."""
        ...
