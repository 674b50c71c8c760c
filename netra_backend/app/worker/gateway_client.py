"""The agent process's client of the gateway: event publishing and platform data."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast
from uuid import UUID

from pydantic import JsonValue

from netra_backend.app.agents.ports import RunbookHit
from netra_backend.app.worker import contract
from netra_backend.app.worker.rpc.peer import Peer
from netra_backend.app.worker.settings import AgentProcessSettings

AnswerType = TypeVar("AnswerType")
_MAYBE = cast("type[dict[str, Any] | None]", dict[str, Any] | None)


class RemotePublisher:
    """Implements ``RunEventPublisher`` with the streams of the gateway.

    Args:
        peer: the channel.
        settings: deadlines.
    """

    def __init__(self, peer: Peer, settings: AgentProcessSettings) -> None:
        self._peer = peer
        self._settings = settings

    async def publish(self, *, thread_id: UUID, run_id: UUID, event: bytes, terminal: bool) -> None:
        """See ``RunEventPublisher.publish``."""
        await self._peer.call(
            contract.PUBLISH,
            contract.Event(thread_id, run_id, event, terminal),
            contract.Nothing,
            seconds=self._settings.publish_seconds,
        )

    async def published(self, *, thread_id: UUID, run_id: UUID) -> Sequence[bytes] | None:
        """See ``RunEventPublisher.published``; in pages."""
        events: list[bytes] = []
        more = True
        while more:
            page = await self._peer.call(
                contract.PUBLISHED,
                contract.ReadPublished(thread_id, run_id, len(events)),
                contract.PublishedPage,
                seconds=self._settings.read_seconds,
            )
            if page.lost:
                return None
            events += page.events
            more = page.more
        return events

    async def restart(self, *, thread_id: UUID, run_id: UUID) -> None:
        """See ``RunEventPublisher.restart``."""
        await self._peer.call(
            contract.RESTART_STREAM,
            contract.RestartStream(thread_id, run_id),
            contract.Nothing,
            seconds=self._settings.publish_seconds,
        )


class RemoteOperations:
    """Implements ``OperationsView``.

    Args:
        peer: the channel.
        settings: deadlines.
    """

    def __init__(self, peer: Peer, settings: AgentProcessSettings) -> None:
        self._peer = peer
        self._seconds = settings.read_seconds

    async def readiness(self) -> Mapping[str, JsonValue]:
        """See ``OperationsView.readiness``."""
        return await self._ask(contract.READINESS, contract.Nothing(), dict[str, Any])

    async def connections(self) -> Mapping[str, JsonValue]:
        """See ``OperationsView.connections``."""
        return await self._ask(contract.CONNECTIONS, contract.Nothing(), dict[str, Any])

    async def stop_runs(self, *, older_than_seconds: float) -> int:
        """See ``OperationsView.stop_runs``."""
        return await self._ask(contract.STOP_RUNS, contract.Older(older_than_seconds), int)

    async def explain_code(self, code: str) -> Mapping[str, JsonValue] | None:
        """See ``OperationsView.explain_code``."""
        return await self._ask(contract.EXPLAIN_CODE, contract.Text(code), _MAYBE)

    async def search_runbook(self, query: str) -> Sequence[RunbookHit]:
        """See ``OperationsView.search_runbook``."""
        return await self._ask(contract.SEARCH_RUNBOOK, contract.Text(query), list[RunbookHit])

    async def _ask(self, method: str, body: Any, answer: type[AnswerType]) -> AnswerType:
        return await self._peer.call(method, body, answer, seconds=self._seconds)
