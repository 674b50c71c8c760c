"""The end of a run, in the order that loses nothing: store, publish the last event, release.

Stored first, so that whoever sees the end finds the answer. Released last, so that no second
run begins inside the stream of the first. A process that dies in between leaves a leased row,
and a survivor goes on from there.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from netra_backend.app.agents.metrics import RUNS_TAKEN_OVER
from netra_backend.app.agents.orders import RunOrder, RunOutcome
from netra_backend.app.agents.policy import RunPolicy
from netra_backend.app.agents.ports import RunEventPublisher
from netra_backend.app.agents.run_store import OrphanedRun, RunStore
from netra_backend.app.db.errors import DatabaseUnavailable
from netra_shared.errors import NetraError, Unavailable
from netra_shared.logging import get_logger
from netra_shared.swallow import swallowed

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 1.0

ResultType = TypeVar("ResultType")

_log = get_logger(__name__)


class RunFinisher:
    """Ends runs: those of this instance, and those that it took over."""

    def __init__(self, store: RunStore, publisher: RunEventPublisher, policy: RunPolicy) -> None:
        self._store = store
        self._publisher = publisher
        self._policy = policy

    async def finish(self, order: RunOrder, outcome: RunOutcome) -> bool:
        """Bring the outcome to the database, to the watchers, and free the thread.

        Returns:
            False when the run is no longer this instance's; then watchers get nothing from here.

        Raises:
            DatabaseUnavailable: the answer could not be stored within ``store_seconds``.
        """
        stored = await _retried(
            lambda: self._store.finish(order.run_id, order.thread_id, outcome),
            self._policy.store_seconds,
            DatabaseUnavailable,
        )
        if stored:
            await self._publish_and_release(order.run_id, order.thread_id, outcome.terminal)
        return stored

    async def finish_orphan(self, run: OrphanedRun) -> None:
        """End a claimed run of which the instance is gone."""
        RUNS_TAKEN_OVER.inc()
        _log.warning("run taken over", run_id=str(run.run_id), thread_id=str(run.thread_id))
        await self._publish_and_release(run.run_id, run.thread_id, run.terminal)

    async def _publish_and_release(
        self, run_id: UUID, thread_id: UUID, terminal: dict[str, Any]
    ) -> None:
        # Without its stream the run is over all the same: watchers who come back find no active
        # run and reload the history. Holding the thread would only lock its user out.
        with swallowed(_log, "terminal_event_not_published", NetraError):
            await _retried(
                lambda: self._publisher.publish(
                    thread_id=thread_id,
                    run_id=run_id,
                    event=msgspec.json.encode(terminal),
                    terminal=True,
                ),
                self._policy.terminal_publish_seconds,
                Unavailable,
            )
        await _retried(
            lambda: self._store.release(run_id), self._policy.store_seconds, DatabaseUnavailable
        )


async def _retried(
    attempt: Callable[[], Awaitable[ResultType]], seconds: float, *retried: type[NetraError]
) -> ResultType:
    """Repeat ``attempt`` with growing pauses until it succeeds or ``seconds`` have passed."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            return await attempt()
        except retried:
            if loop.time() + pause > deadline:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
