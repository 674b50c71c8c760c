"""The end of a run, in the order that loses nothing: store, publish the last event, release.

Stored first, so that whoever sees the end finds the answer. Released last, so that no second
run begins inside the stream of the first. A process that dies in between leaves a leased row,
and a survivor goes on from there.
"""

from typing import Any
from uuid import UUID

import msgspec

from netra_backend.app.agents.ports import RunEventPublisher
from netra_backend.app.db.errors import DatabaseUnavailable
from netra_backend.app.runs.policy import RunPolicy
from netra_backend.app.runs.retry import retried
from netra_backend.app.runs.run_spec import RunOrder, RunOutcome
from netra_backend.app.runs.store import RunStore
from netra_shared.errors import NetraError, Unavailable
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed

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
        stored = await retried(
            lambda: self._store.finish(order.run_id, order.thread_id, outcome),
            self._policy.store_seconds,
            DatabaseUnavailable,
        )
        if stored:
            await self._publish_and_release(order.run_id, order.thread_id, outcome.terminal)
        return stored

    async def settle(self, run_id: UUID, thread_id: UUID, terminal: dict[str, Any]) -> None:
        """Publish the end of a run that is stored, and free its thread."""
        # Its instance may have died between the two: then watchers have the end already.
        with swallowed(_log, "published_events_not_read", NetraError):
            events = await self._publisher.published(thread_id=thread_id, run_id=run_id)
            if events and _ends(events[-1]):
                await self._release(run_id)
                return
        await self._publish_and_release(run_id, thread_id, terminal)

    async def _publish_and_release(
        self, run_id: UUID, thread_id: UUID, terminal: dict[str, Any]
    ) -> None:
        # Without its stream the run is over all the same: watchers who come back find no active
        # run and reload the history. Holding the thread would only lock its user out.
        with swallowed(_log, "terminal_event_not_published", NetraError):
            await retried(
                lambda: self._publisher.publish(
                    thread_id=thread_id,
                    run_id=run_id,
                    event=msgspec.json.encode(terminal),
                    terminal=True,
                ),
                self._policy.terminal_publish_seconds,
                Unavailable,
            )
        await self._release(run_id)

    async def _release(self, run_id: UUID) -> None:
        await retried(
            lambda: self._store.release(run_id), self._policy.store_seconds, DatabaseUnavailable
        )


def _ends(event: bytes) -> bool:
    return msgspec.json.decode(event)["type"] in {"RUN_FINISHED", "RUN_ERROR"}
