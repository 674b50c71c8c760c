"""The runs that this process is executing, each a task with its control."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from ag_ui.core import BaseEvent, RunStartedEvent

from netra_backend.app.runs.completion import RunFinisher
from netra_backend.app.runs.control import CancelReason, RunControl
from netra_backend.app.runs.event_codec import parse_events
from netra_backend.app.runs.journal import RunJournal
from netra_backend.app.runs.journal_store import JournalStore
from netra_backend.app.runs.metrics import RUN_SECONDS, RUNS_ACTIVE, RUNS_ENDED
from netra_backend.app.runs.outcome import cancelled_event, conclude
from netra_backend.app.runs.policy import RunPolicy
from netra_backend.app.runs.ports import RunExecutor
from netra_backend.app.runs.publishing import RunEventPublisher
from netra_backend.app.runs.recorder import RunRecorder
from netra_backend.app.runs.retry import retried
from netra_backend.app.runs.run_spec import RunOutcome, RunSpec
from netra_shared.errors import DatabaseUnavailable, NetraError, Unavailable
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.telemetry import span

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _ActiveRun:
    control: RunControl
    task: asyncio.Task[None]
    user_id: UUID
    suspect_until: float  # monotonic; in the past for a run that is no suspect


class RunTasks:
    """Owns the tasks.

    Args:
        executor: answers messages.
        journal: the steps of runs.
        publisher: delivers events to subscribers.
        finisher: stores and publishes the end of runs.
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
        """Return how many runs this process is executing."""
        return len(self._active)

    def count_of(self, user_id: UUID) -> int:
        """Return how many runs of one account this process is executing."""
        return sum(run.user_id == user_id for run in self._active.values())

    @property
    def owned(self) -> list[UUID]:
        """Return the runs whose lease this process has."""
        return [run_id for run_id, run in self._active.items() if not run.control.fenced]

    @property
    def has_suspect(self) -> bool:
        """Return whether a run is executed here that may end this process.

        A suspect that has been executed for ``suspect_seconds`` no longer counts.
        """
        now = time.monotonic()
        return any(run.suspect_until > now for run in self._active.values())

    def controls(self) -> Mapping[UUID, RunControl]:
        """Return the control of every run."""
        return {run_id: run.control for run_id, run in self._active.items()}

    def spawn(
        self,
        spec: RunSpec,
        *,
        leased_at: float | None = None,
        ending: NetraError | CancelReason | None = None,
        suspect: bool = False,
    ) -> RunControl:
        """Start the task of a run whose lease this process has.

        Args:
            spec: the run.
            leased_at: latest start of the lease (monotonic); None for now.
            ending: why the run is ended without execution: an error, or a cancellation.
            suspect: whether the run may end its process; see ``has_suspect``.
        """
        since = time.monotonic() if leased_at is None else leased_at
        control = RunControl(since + self._policy.fence_seconds)
        # The task copies this context, so the run is part of the command's trace.
        task = asyncio.create_task(
            self._run(spec, control, ending), name=f"run-{spec.run_id}.{spec.attempt}"
        )
        quarantine = self._policy.suspect_seconds if suspect and ending is None else 0.0
        active = _ActiveRun(control, task, spec.user_id, time.monotonic() + quarantine)
        # A run that was lost and claimed again may still have its old task, which is fenced.
        self._active[spec.run_id] = active
        RUNS_ACTIVE.inc()
        task.add_done_callback(lambda _task: self._forget(spec.run_id, active))
        return control

    def cancel(self, run_id: UUID, reason: CancelReason) -> None:
        """Cancel the run, if it is executed here."""
        if run := self._active.get(run_id):
            run.control.cancel(reason)

    async def wait(self, run_id: UUID, seconds: float) -> None:
        """Wait up to ``seconds`` for the end of the run, if it is executed here."""
        if run := self._active.get(run_id):
            await asyncio.wait([run.task], timeout=seconds)
        else:
            await asyncio.sleep(seconds)

    async def wait_for_any(self, seconds: float) -> None:
        """Wait up to ``seconds`` for the end of any run."""
        if self._active:
            await asyncio.wait([run.task for run in self._active.values()], timeout=seconds)
        else:
            await asyncio.sleep(seconds)

    async def kill(self) -> None:
        """Cancel tasks that did not react to their control."""
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
        self, spec: RunSpec, control: RunControl, ending: NetraError | CancelReason | None
    ) -> None:
        started_at = time.monotonic()
        structlog.contextvars.bind_contextvars(
            run_id=str(spec.run_id), thread_id=str(spec.thread_id)
        )
        with span("agent.run", run_id=str(spec.run_id), model=self._executor.model_name):
            _log.info("run started", model=self._executor.model_name, attempt=spec.attempt)
            outcome: RunOutcome | None = None
            # When this fails, the row stays leased and another instance recovers the run.
            with swallowed(_log, "run_not_executed", DatabaseUnavailable):
                outcome = await self._outcome(spec, control, ending)
            control.ending = True
            if control.fenced or outcome is None:
                return
            # When this fails, the row stays leased and another instance ends the run.
            with swallowed(_log, "run_not_finished"):
                await self._finisher.finish(spec, outcome)
            elapsed = time.monotonic() - started_at
            RUN_SECONDS.observe(elapsed)
            RUNS_ENDED.labels(outcome.status, outcome.error_code or "").inc()
            _log.info(
                "run ended",
                status=outcome.status,
                code=outcome.error_code,
                elapsed_ms=round(elapsed * 1000, 1),
            )

    async def _outcome(
        self, spec: RunSpec, control: RunControl, ending: NetraError | CancelReason | None
    ) -> RunOutcome:
        first = spec.attempt == 1
        recorder = RunRecorder(
            thread_id=spec.thread_id,
            run_id=spec.run_id,
            publisher=self._publisher,
            control=control,
            published=() if first else await self._published(spec),
            attempt=spec.attempt,
        )
        if isinstance(ending, NetraError):
            return await conclude(recorder, ending)
        if ending is not None:
            await recorder.record(cancelled_event(spec))
            return await conclude(recorder, None)
        journal = RunJournal(
            run_id=spec.run_id,
            attempt=spec.attempt,
            writer=self._journal,
            control=control,
            write_seconds=self._policy.store_seconds,
            recorded={} if first else await self._steps(spec),
        )
        return await self._executor.execute(spec, control, recorder, journal)

    async def _steps(self, spec: RunSpec) -> Mapping[str, str | None]:
        return await retried(
            lambda: self._journal.load(spec.run_id),
            self._policy.store_seconds,
            DatabaseUnavailable,
        )

    async def _published(self, spec: RunSpec) -> Sequence[BaseEvent] | None:
        """Return the published events of the run; None when they cannot be read."""
        events: Sequence[BaseEvent] | None = None
        with swallowed(_log, "published_events_not_read", NetraError):
            events = await retried(
                lambda: self._read_published(spec), self._policy.published_seconds, Unavailable
            )
        return events  # noqa: RET504  `swallowed` may skip the assignment

    async def _read_published(self, spec: RunSpec) -> Sequence[BaseEvent]:
        """Return the published events of the run; none after a loss, and then the run starts over.

        Publishing only the rest would repeat what readers have, or leave a gap.
        """
        raw = await self._publisher.published(thread_id=spec.thread_id, run_id=spec.run_id)
        events = [] if raw is None else parse_events(raw)
        if raw is None or (events and not isinstance(events[0], RunStartedEvent)):
            _log.warning("stream of the run lost, publishing it again")
            await self._publisher.restart(thread_id=spec.thread_id, run_id=spec.run_id)
            return []
        return events
