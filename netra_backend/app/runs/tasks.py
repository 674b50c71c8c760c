"""The runs that this instance executes, each a task with its control."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from ag_ui.core import BaseEvent

from netra_backend.app.agents.executor import RunExecutor, cancelled_event, conclude
from netra_backend.app.agents.ports import RunEventPublisher
from netra_backend.app.db.errors import DatabaseUnavailable
from netra_backend.app.runs.completion import RunFinisher
from netra_backend.app.runs.control import CancelReason, RunControl
from netra_backend.app.runs.journal import RunJournal
from netra_backend.app.runs.journal_store import JournalStore
from netra_backend.app.runs.metrics import RUN_SECONDS, RUNS_ACTIVE, RUNS_ENDED
from netra_backend.app.runs.policy import RunPolicy
from netra_backend.app.runs.published_events import parse_events
from netra_backend.app.runs.recorder import RunRecorder
from netra_backend.app.runs.retry import retried
from netra_backend.app.runs.run_spec import RunOrder, RunOutcome
from netra_shared.errors import NetraError, Unavailable
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.telemetry import span

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _ActiveRun:
    control: RunControl
    task: asyncio.Task[None]


class RunTasks:
    """Owns the tasks.

    Args:
        executor: answers messages.
        journal: the steps of runs.
        publisher: brings events to watchers.
        finisher: brings the end about.
        policy: bounds.
    """

    def __init__(
        self,
        executor: RunExecutor,
        journal: JournalStore,
        publisher: RunEventPublisher,
        finisher: RunFinisher,
        policy: RunPolicy,
    ) -> None:
        self._executor = executor
        self._journal = journal
        self._publisher = publisher
        self._finisher = finisher
        self._policy = policy
        self._active: dict[UUID, _ActiveRun] = {}

    @property
    def count(self) -> int:
        """How many runs this instance executes now."""
        return len(self._active)

    @property
    def ours(self) -> list[UUID]:
        """The runs for which this instance speaks."""
        return [run_id for run_id, run in self._active.items() if not run.control.fenced]

    def controls(self) -> Mapping[UUID, RunControl]:
        """Return the control of every run."""
        return {run_id: run.control for run_id, run in self._active.items()}

    def spawn(
        self,
        order: RunOrder,
        *,
        leased_at: float | None = None,
        ending: NetraError | CancelReason | None = None,
    ) -> RunControl:
        """Begin to execute a run of which this process has the lease.

        Args:
            order: what to do.
            leased_at: since when (monotonic) the lease runs at the latest; None for now.
            ending: why the run is only to be ended: an error, or whoever cancelled it.
        """
        since = time.monotonic() if leased_at is None else leased_at
        control = RunControl(since + self._policy.speaking_seconds)
        # The task copies this context, so the trace of the command goes on in the run.
        task = asyncio.create_task(
            self._run(order, control, ending), name=f"run-{order.run_id}.{order.attempt}"
        )
        mine = _ActiveRun(control, task)
        # A run that was lost and claimed back may still have its old task, which is fenced.
        self._active[order.run_id] = mine
        RUNS_ACTIVE.inc()
        task.add_done_callback(lambda _task: self._forget(order.run_id, mine))
        return control

    def cancel(self, run_id: UUID, reason: CancelReason) -> None:
        """Ask the run to end, if it is here."""
        if run := self._active.get(run_id):
            run.control.cancel(reason)

    async def wait(self, run_id: UUID, seconds: float) -> None:
        """Return when the run has ended, if it is here, and after ``seconds`` at the latest."""
        if run := self._active.get(run_id):
            await asyncio.wait([run.task], timeout=seconds)
        else:
            await asyncio.sleep(seconds)

    async def wait_for_any(self, seconds: float) -> None:
        """Return when some run has ended, and after ``seconds`` at the latest."""
        if self._active:
            await asyncio.wait([run.task for run in self._active.values()], timeout=seconds)
        else:
            await asyncio.sleep(seconds)

    async def kill(self) -> None:
        """End tasks that did not react to their control."""
        stuck = [run.task for run in self._active.values()]
        for task in stuck:
            task.cancel()
        if stuck:
            _log.error("runs killed", count=len(stuck))
            await asyncio.gather(*stuck, return_exceptions=True)

    def _forget(self, run_id: UUID, run: _ActiveRun) -> None:
        RUNS_ACTIVE.dec()
        if self._active.get(run_id) is run:
            del self._active[run_id]

    async def _run(
        self, order: RunOrder, control: RunControl, ending: NetraError | CancelReason | None
    ) -> None:
        began = time.monotonic()
        structlog.contextvars.bind_contextvars(
            run_id=str(order.run_id), thread_id=str(order.thread_id)
        )
        with span("agent.run", run_id=str(order.run_id), model=self._executor.model_name):
            _log.info("run started", model=self._executor.model_name, attempt=order.attempt)
            outcome: RunOutcome | None = None
            # The row stays leased when this fails; another instance takes the run over.
            with swallowed(_log, "run_not_executed", DatabaseUnavailable):
                outcome = await self._outcome(order, control, ending)
            control.ending = True
            if control.fenced or outcome is None:
                return
            # The row stays leased when this fails; a survivor ends the run.
            with swallowed(_log, "run_not_finished"):
                await self._finisher.finish(order, outcome)
            elapsed = time.monotonic() - began
            RUN_SECONDS.observe(elapsed)
            RUNS_ENDED.labels(outcome.status, outcome.error_code or "").inc()
            _log.info(
                "run ended",
                status=outcome.status,
                code=outcome.error_code,
                elapsed_ms=round(elapsed * 1000, 1),
            )

    async def _outcome(
        self, order: RunOrder, control: RunControl, ending: NetraError | CancelReason | None
    ) -> RunOutcome:
        first = order.attempt == 1
        recorder = RunRecorder(
            thread_id=order.thread_id,
            run_id=order.run_id,
            publisher=self._publisher,
            control=control,
            published=() if first else await self._published(order),
            attempt=order.attempt,
        )
        if isinstance(ending, NetraError):
            return await conclude(recorder, ending)
        if ending is not None:
            await recorder.record(cancelled_event(order))
            return await conclude(recorder, None)
        journal = RunJournal(
            run_id=order.run_id,
            attempt=order.attempt,
            writer=self._journal,
            control=control,
            write_seconds=self._policy.store_seconds,
            recorded={} if first else await self._steps(order),
        )
        return await self._executor.execute(order, control, recorder, journal)

    async def _steps(self, order: RunOrder) -> Mapping[str, str | None]:
        return await retried(
            lambda: self._journal.load(order.run_id),
            self._policy.store_seconds,
            DatabaseUnavailable,
        )

    async def _published(self, order: RunOrder) -> Sequence[BaseEvent] | None:
        """Return what watchers have of the run; None when that cannot be known now."""
        events: Sequence[BaseEvent] | None = None
        with swallowed(_log, "published_events_not_read", NetraError):
            raw = await retried(
                lambda: self._publisher.published(thread_id=order.thread_id, run_id=order.run_id),
                self._policy.published_seconds,
                Unavailable,
            )
            events = parse_events(raw)
        return events  # noqa: RET504  `swallowed` may skip the assignment
