"""What the gateway does for its agent process: it publishes, and tells what operators may know."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from netra_backend.app.agents.ports import OperationsView, RunEventPublisher
from netra_backend.app.worker import contract
from netra_backend.app.worker.rpc.peer import Duty

NOTHING = contract.Nothing()


class GatewayDuties:
    """Serves the two ports of the agents' room to the other process.

    Args:
        publisher: the streams of this instance.
        operations: what the tools may see.
        serving: told when the agent process takes commands.

    Attributes:
        publishing: runs of which events came and no end.
    """

    def __init__(
        self,
        publisher: RunEventPublisher,
        operations: OperationsView,
        serving: Callable[[contract.Serving], None],
    ) -> None:
        self._publisher = publisher
        self._operations = operations
        self._serving = serving
        self._recalled: dict[UUID, list[bytes]] = {}
        self.publishing: set[UUID] = set()

    def table(self) -> Mapping[str, Duty]:
        """Return the duties by name."""
        return {
            contract.PUBLISH: Duty(contract.Event, self._publish),
            contract.PUBLISHED: Duty(contract.Recall, self._published),
            contract.SERVING: Duty(contract.Serving, self._note_serving),
            contract.READINESS: Duty(contract.Nothing, self._readiness),
            contract.CONNECTIONS: Duty(contract.Nothing, self._connections),
            contract.STOP_RUNS: Duty(contract.Older, self._stop_runs),
            contract.EXPLAIN_CODE: Duty(contract.Text, self._explain),
            contract.SEARCH_RUNBOOK: Duty(contract.Text, self._search),
        }

    def forget(self) -> set[UUID]:
        """Forget everything of a process that has ended; return the runs that it left open."""
        left, self.publishing = self.publishing, set()
        self._recalled.clear()
        return left

    async def _publish(self, event: contract.Event) -> contract.Nothing:
        if event.terminal:
            self.publishing.discard(event.run_id)
        else:
            self.publishing.add(event.run_id)
        await self._publisher.publish(
            thread_id=event.thread_id,
            run_id=event.run_id,
            event=event.event,
            terminal=event.terminal,
        )
        return NOTHING

    async def _published(self, asked: contract.Recall) -> contract.Recalled:
        """Return one page; what was read is kept until the last page has been asked for."""
        events = self._recalled.pop(asked.run_id, None) if asked.first else None
        if events is None:
            events = list(
                await self._publisher.published(thread_id=asked.thread_id, run_id=asked.run_id)
            )
        page: list[bytes] = []
        size = 0
        for event in events[asked.first :]:
            if page and size + len(event) > contract.PAGE_BYTES:
                break
            page.append(event)
            size += len(event)
        more = asked.first + len(page) < len(events)
        if more:
            self._recalled[asked.run_id] = events
        return contract.Recalled(page, more)

    async def _note_serving(self, serving: contract.Serving) -> contract.Nothing:
        self._serving(serving)
        return NOTHING

    async def _readiness(self, _nothing: contract.Nothing) -> Mapping[str, Any]:
        return dict(await self._operations.readiness())

    async def _connections(self, _nothing: contract.Nothing) -> Mapping[str, Any]:
        return dict(await self._operations.connections())

    async def _stop_runs(self, older: contract.Older) -> int:
        return await self._operations.stop_runs(older_than_seconds=older.than_seconds)

    async def _explain(self, code: contract.Text) -> Mapping[str, Any] | None:
        found = await self._operations.explain_code(code.text)
        return None if found is None else dict(found)

    async def _search(self, query: contract.Text) -> list[dict[str, str]]:
        return [asdict(hit) for hit in await self._operations.search_runbook(query.text)]
