"""The methods of the gateway for its agent process: publishing and platform data."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from netra_backend.app.agents.ports import OperationsView
from netra_backend.app.runs.publishing import RunEventPublisher
from netra_backend.app.worker import contract
from netra_backend.app.worker.rpc.peer import Handler

NOTHING = contract.Nothing()


class GatewayApi:
    """Serves ``RunEventPublisher`` and ``OperationsView`` to the agent process.

    Args:
        publisher: the streams of this instance.
        operations: the platform's data.
        serving: called when the agent process accepts commands.

    Attributes:
        publishing: runs that have published events and no terminal event.
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
        self._pages: dict[UUID, list[bytes]] = {}
        self.publishing: set[UUID] = set()

    def table(self) -> Mapping[str, Handler]:
        """Return the handlers by method."""
        return {
            contract.PUBLISH: Handler(contract.Event, self._publish),
            contract.PUBLISHED: Handler(contract.ReadPublished, self._published),
            contract.RESTART_STREAM: Handler(contract.RestartStream, self._restart),
            contract.SERVING: Handler(contract.Serving, self._note_serving),
            contract.READINESS: Handler(contract.Nothing, self._readiness),
            contract.CONNECTIONS: Handler(contract.Nothing, self._connections),
            contract.STOP_RUNS: Handler(contract.Older, self._stop_runs),
            contract.EXPLAIN_CODE: Handler(contract.Text, self._explain),
            contract.SEARCH_RUNBOOK: Handler(contract.Text, self._search),
        }

    def forget(self) -> set[UUID]:
        """Discard the state of a process that has ended; return its unfinished runs."""
        unfinished, self.publishing = self.publishing, set()
        self._pages.clear()
        return unfinished

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

    async def _published(self, request: contract.ReadPublished) -> contract.PublishedPage:
        """Return one page; the events are kept until the last page is requested."""
        events = self._pages.pop(request.run_id, None) if request.first else None
        if events is None:
            published = await self._publisher.published(
                thread_id=request.thread_id, run_id=request.run_id
            )
            if published is None:
                return contract.PublishedPage([], more=False, lost=True)
            events = list(published)
        page: list[bytes] = []
        size = 0
        for event in events[request.first :]:
            if page and size + len(event) > contract.PAGE_BYTES:
                break
            page.append(event)
            size += len(event)
        more = request.first + len(page) < len(events)
        if more:
            self._pages[request.run_id] = events
        return contract.PublishedPage(page, more)

    async def _restart(self, request: contract.RestartStream) -> contract.Nothing:
        await self._publisher.restart(thread_id=request.thread_id, run_id=request.run_id)
        return NOTHING

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
