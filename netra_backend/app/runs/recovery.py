"""What an instance does with the runs of lost ones: goes on with them, or ends them."""

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


class Survivor:
    """Sweeps for runs whose lease is over.

    Args:
        store: claims them.
        tasks: executes them.
        finisher: ends those that had only to be published.
        policy: bounds.
    """

    def __init__(
        self, store: RunStore, tasks: RunTasks, finisher: RunFinisher, policy: RunPolicy
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._finisher = finisher
        self._policy = policy
        self._resting = False

    def rest(self) -> None:
        """Take over nothing more: this instance is about to end."""
        self._resting = True

    async def sweep(self) -> int:
        """Take over what is to be had; return how many runs that was."""
        if self._resting:
            return 0
        claimed = await self._store.claim(
            spared=self._tasks.ours,
            room=self._policy.max_concurrent - self._tasks.count,
            foreign_seconds=self._policy.foreign_format_seconds,
        )
        for run in claimed:
            await self._take_over(run)
        return len(claimed)

    async def _take_over(self, run: ClaimedRun) -> None:
        order = run.order
        ending = run.cancel_reason or self._hopeless(run)
        outcome = "settled" if run.terminal else "ended" if ending else "resumed"
        RUNS_TAKEN_OVER.labels(outcome).inc()
        _log.warning(
            "run taken over",
            run_id=str(order.run_id),
            thread_id=str(order.thread_id),
            outcome=outcome,
            attempt=order.attempt,
        )
        if run.terminal is not None:
            await self._finisher.settle(order.run_id, order.thread_id, run.terminal)
        else:
            self._tasks.spawn(order, ending=ending)

    def _hopeless(self, run: ClaimedRun) -> NetraError | None:
        """Return why the run cannot go on; None when it can."""
        if not run.known_format:
            return RunLost("It was begun by another version of this service; send it again.")
        if run.losses >= self._policy.max_losses:
            return RunLost(f"It was lost with {run.losses} instances; send the message again.")
        if run.order.age_seconds > self._policy.run_seconds:
            return RunDeadlineExceeded("The run was ended at its deadline; send the message again.")
        return None
