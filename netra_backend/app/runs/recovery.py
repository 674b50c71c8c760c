"""Recovery of runs whose process is lost: resume them from the journal, or end them."""

from netra_backend.app.runs.completion import RunFinisher
from netra_backend.app.runs.errors import RunDeadlineExceeded, RunLost
from netra_backend.app.runs.metrics import RUNS_TAKEN_OVER
from netra_backend.app.runs.policy import RunPolicy
from netra_backend.app.runs.store import RunStore
from netra_backend.app.runs.takeover import ClaimedRun
from netra_backend.app.runs.tasks import RunTasks
from netra_shared.errors import NetraError
from netra_shared.logging import get_logger

_log = get_logger(__name__)


class RunRecovery:
    """Claims runs whose lease has expired.

    Args:
        store: claims them.
        tasks: executes them.
        finisher: publishes the terminal event of those that had ended.
        policy: bounds.
    """

    def __init__(
        self, store: RunStore, tasks: RunTasks, finisher: RunFinisher, policy: RunPolicy
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._finisher = finisher
        self._policy = policy
        self._stopped = False

    def stop_claiming(self) -> None:
        """Claim no further runs: this instance is draining."""
        self._stopped = True

    async def sweep(self) -> int:
        """Claim expired runs up to the free capacity; return how many."""
        if self._stopped:
            return 0
        claimed = await self._store.claim(
            excluded=self._tasks.owned,
            capacity=self._policy.max_concurrent - self._tasks.count,
            foreign_seconds=self._policy.foreign_format_seconds,
            suspect=not self._tasks.has_suspect,
        )
        for run in claimed:
            await self._take_over(run)
        return len(claimed)

    async def _take_over(self, run: ClaimedRun) -> None:
        spec = run.spec
        ending = run.cancel_reason or self._unrecoverable(run)
        outcome = "settled" if run.terminal else "ended" if ending else "resumed"
        RUNS_TAKEN_OVER.labels(outcome).inc()
        _log.warning(
            "run taken over",
            run_id=str(spec.run_id),
            thread_id=str(spec.thread_id),
            outcome=outcome,
            attempt=spec.attempt,
        )
        if run.terminal is not None:
            await self._finisher.settle(spec.run_id, spec.thread_id, run.terminal)
        else:
            self._tasks.spawn(spec, ending=ending, suspect=run.suspect)

    def _unrecoverable(self, run: ClaimedRun) -> NetraError | None:
        """Return why the run cannot be resumed; None when it can."""
        if not run.known_format:
            return RunLost(
                "Another version of this service started the run; send the message again."
            )
        if run.losses >= self._policy.max_losses:
            return RunLost(f"The run was lost with {run.losses} processes; send the message again.")
        if run.spec.age_seconds > self._policy.run_seconds:
            return RunDeadlineExceeded("The run exceeded its deadline; send the message again.")
        return None
