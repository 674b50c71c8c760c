"""The control plane's shell: commits changes, then brings processes and routes to them.

Every change is committed before its effect starts, and effects are derived from the state alone.
So a process that is killed at any moment continues from the last commit when it starts again.
"""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from netra_cloud.logging.entries import entry_of_line
from netra_cloud.logging.log_files import LogFiles
from netra_cloud.run.builds import Builds
from netra_cloud.run.clock import Clock
from netra_cloud.run.core.names import parent_of, service_of, short
from netra_cloud.run.core.reconcile import revision_failed, revision_ready
from netra_cloud.run.core.records import (
    Change,
    Failure,
    OperationRecord,
    Phase,
    RevisionRecord,
    ServiceRecord,
    State,
)
from netra_cloud.run.core.services import Moment
from netra_cloud.run.core.views import log_uri
from netra_cloud.run.front.routing import (
    RevisionRules,
    ServiceRoute,
    Transition,
    route_of,
    rules_of,
)
from netra_cloud.run.programs import Programs
from netra_cloud.run.runtime.guarded import Guard
from netra_cloud.run.runtime.pool import RevisionPool
from netra_cloud.run.runtime.scaling import EVALUATION_SECONDS
from netra_cloud.run.secrets_store import Secrets
from netra_cloud.run.store import Store

Json = dict[str, Any]

# Returns the change and what the caller gets; runs on the newest state, without awaiting.
Transitioner = Callable[[State, Moment], tuple[Change, OperationRecord]]


class Controller:
    """Owns the state, the pools and the routes.

    Args:
        data: directory of the durable state, the builds, the logs and HOME.
        propagation_seconds: documented seconds in which old and new traffic both serve.
    """

    def __init__(
        self, data: Path, store: Store, guard: Guard, clock: Clock, propagation_seconds: float = 0
    ) -> None:
        self.clock = clock
        self.builds = Builds(data / "builds")
        self.secrets = Secrets(store)
        self.logs = LogFiles(data / "logs")
        self.state = store.load()
        self.pools: dict[str, RevisionPool] = {}
        self.on_routes: Callable[[], None] = lambda: None
        self._store = store
        self._guard = guard
        self._programs = Programs(self.builds, self.secrets, data / "home")
        self._propagation = clock.real(propagation_seconds)
        self._routes: dict[str, Transition] = {}
        self._starting: dict[str, asyncio.Task[None]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._operations = asyncio.Condition()
        self._scaler: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Bring processes and routes to the loaded state."""
        self._effects()
        self._scaler = asyncio.create_task(self._scale_forever())

    async def close(self) -> None:
        """End every instance."""
        if self._scaler is not None:
            self._scaler.cancel()
        for task in self._starting.values():
            task.cancel()
        waiting = [*self._starting.values(), *self._closing]
        await asyncio.gather(
            *(pool.close() for pool in self.pools.values()), *waiting, return_exceptions=True
        )
        self.logs.close()

    def moment(self) -> Moment:
        """Return the present, with a new identifier."""
        return Moment(self.clock.now(), str(uuid.uuid4()))

    def execute(self, transition: Transitioner, *, validate_only: bool = False) -> OperationRecord:
        """Run a transition on the state, commit it and start its effects.

        Raises:
            ApiError: the transition refuses; nothing changes.
        """
        change, operation = transition(self.state, self.moment())
        if not validate_only:
            self.commit(change)
        return operation

    def commit(self, change: Change) -> None:
        """Make a change durable, then effective."""
        if not change.puts and not change.drops:
            return
        self._store.commit(change)
        self.state = self.state.apply(change)
        self._effects()

    def forget(self, operation: OperationRecord) -> None:
        """Remove an operation from the list; its work continues."""
        self.commit(Change((), (operation.name,)))

    def set_policy(self, service: ServiceRecord, policy: Json) -> None:
        """Store a service's IAM policy; no revision and no generation changes."""
        self.commit(Change((replace(service, iam_policy=policy),)))

    async def wait_for(self, operation: str, seconds: float) -> None:
        """Return when an operation is done, or after ``seconds``."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._operations:
                await self._operations.wait_for(lambda: self._is_done(operation))

    def _is_done(self, operation: str) -> bool:
        found = self.state.operation(operation)
        return found is None or found.done

    # The front's questions.

    def pool(self, service: str, location: str, revision: str) -> RevisionPool | None:
        """Return a revision's instances."""
        return self.pools.get(self._full(service, location, revision))

    def rules(self, service: str, location: str, revision: str) -> RevisionRules:
        """Return what a revision's template says about requests."""
        record = self.state.records[self._full(service, location, revision)]
        assert isinstance(record, RevisionRecord)  # noqa: S101 -- the name is a revision's
        return rules_of(record.template)

    def route(self, service: str, location: str, point: float) -> ServiceRoute | None:
        """Return the route that a request follows."""
        transition = self._routes.get(f"{location}/{service}")
        if transition is None:
            return None
        return transition.at(asyncio.get_running_loop().time(), point)

    def record(self, route: ServiceRoute, revision: str, entry: Json) -> None:
        """Write an entry of the request log."""
        name = self._full(route.service, route.location, revision)
        if name in self.state.records:
            self._log(name, "requests", entry)

    def _full(self, service: str, location: str, revision: str) -> str:
        for record in self.state.services():
            if short(record.name) == service and parent_of(record.name).location == location:
                return f"{record.name}/revisions/{revision}"
        return ""

    # Effects.

    def _effects(self) -> None:
        self._update_routes()
        for revision in self.state.revisions():
            if revision.name not in self.pools and revision.phase is not Phase.FAILED:
                self.pools[revision.name] = self._pool(revision)
            if revision.phase is Phase.PENDING and revision.name not in self._starting:
                self._starting[revision.name] = asyncio.create_task(self._prove(revision))
        for name in [*self.pools]:
            record = self.state.records.get(name)
            if not isinstance(record, RevisionRecord) or record.phase is Phase.FAILED:
                self._retire(name)
            else:
                self.pools[name].served_traffic = self._has_traffic(name)
        self._notify()

    def _notify(self) -> None:
        async def wake() -> None:
            async with self._operations:
                self._operations.notify_all()

        self._keep(asyncio.create_task(wake()))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _update_routes(self) -> None:
        now = asyncio.get_running_loop().time()
        known: dict[str, ServiceRecord] = {
            f"{parent_of(service.name).location}/{short(service.name)}": service
            for service in self.state.services()
        }
        for key in [*self._routes]:
            if key not in known:
                del self._routes[key]
        for key, service in known.items():
            new = route_of(service)
            current = self._routes.get(key)
            if current is None:
                self._routes[key] = Transition(None, new, now, 0)
            elif current.new != new:
                old = current.new if current.new.splits else None
                self._routes[key] = Transition(old, new, now, self._propagation)
        self.on_routes()

    def _has_traffic(self, name: str) -> bool:
        service = self.state.service(service_of(name))
        return service is not None and any(
            target.revision == short(name) for target in service.serving
        )

    def _pool(self, revision: RevisionRecord) -> RevisionPool:
        return RevisionPool(
            short(revision.name),
            revision.template,
            program=lambda port: self._programs.of(revision, port),
            log=lambda stream, line: self._line(revision.name, stream, line),
            guard=self._guard,
            clock=self.clock,
        )

    async def _prove(self, revision: RevisionRecord) -> None:
        """Start a new revision's first instance and record how it went."""
        failure = await self.pools[revision.name].start_first()
        now = self.clock.now()
        if failure is None:
            self.commit(revision_ready(self.state, revision.name, now))
        else:
            logged = Failure(
                failure.number,
                f"{failure.message}\n\nLogs URL: {log_uri(revision.name)}",
                failure.reason,
                failure.revision_reason,
            )
            self.commit(revision_failed(self.state, revision.name, logged, now))
        self._starting.pop(revision.name, None)

    def _retire(self, name: str) -> None:
        pool = self.pools.pop(name)
        starting = self._starting.pop(name, None)
        if starting is not None and starting is not asyncio.current_task():
            starting.cancel()
        self._keep(asyncio.create_task(pool.close()))

    async def _scale_forever(self) -> None:
        while True:
            for pool in [*self.pools.values()]:
                pool.scale()
            await asyncio.sleep(max(0.05, self.clock.real(EVALUATION_SECONDS)))

    # Logs.

    def _line(self, revision: str, stream: str, line: str) -> None:
        if stream == "system":
            self._log(revision, "varlog%2Fsystem", {"textPayload": line, "severity": "INFO"})
        else:
            self._log(revision, stream, entry_of_line(line))

    def _log(self, revision: str, stream: str, entry: Json) -> None:
        where = parent_of(revision)
        service = short(service_of(revision))
        labels = {
            "project_id": where.project,
            "location": where.location,
            "service_name": service,
            "revision_name": short(revision),
            "configuration_name": service,
        }
        log = f"projects/{where.project}/logs/run.googleapis.com%2F{stream}"
        self.logs.append(short(revision), log, labels, entry)
