"""The end of a run, in three ordered steps: store, publish the terminal event, release.

The answer is stored first, so that a client that receives the terminal event finds it in the
history. The thread is released last, so that no second run starts inside the stream of the
first. A process that dies in between leaves a leased row, and the run is recovered from there.
"""

from typing import Any
from uuid import UUID

import msgspec

from netra_backend.app.runs.policy import RunPolicy
from netra_backend.app.runs.publishing import RunEventPublisher
from netra_backend.app.runs.retry import retried
from netra_backend.app.runs.run_spec import RunOutcome, RunSpec
from netra_backend.app.runs.store import RunStore
from netra_shared.errors import DatabaseUnavailable, NetraError, Unavailable
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed

_log = get_logger(__name__)


class RunFinisher:
    """Ends runs: started here, or claimed from a lost process."""

    def __init__(self, store: RunStore, publisher: RunEventPublisher, policy: RunPolicy) -> None:
        self._store = store
        self._publisher = publisher
        self._policy = policy

    async def finish(self, spec: RunSpec, outcome: RunOutcome) -> bool:
        """Store the outcome, publish the terminal event, and release the thread.

        Returns:
            False when another process owns the run; then nothing is published here.

        Raises:
            DatabaseUnavailable: the answer could not be stored within ``store_seconds``.
        """
        stored = await retried(
            lambda: self._store.finish(spec.run_id, spec.thread_id, outcome),
            self._policy.store_seconds,
            DatabaseUnavailable,
        )
        if stored:
            await self._publish_and_release(spec.run_id, spec.thread_id, outcome.terminal)
        return stored

    async def settle(self, run_id: UUID, thread_id: UUID, terminal: dict[str, Any]) -> None:
        """Publish the terminal event of a stored run, and release its thread."""
        # The lost process may have published the event before it died.
        with swallowed(_log, "published_events_not_read", NetraError):
            events = await self._publisher.published(thread_id=thread_id, run_id=run_id)
            if events and _ends(events[-1]):
                await self._release(run_id)
                return
        await self._publish_and_release(run_id, thread_id, terminal)

    async def _publish_and_release(
        self, run_id: UUID, thread_id: UUID, terminal: dict[str, Any]
    ) -> None:
        # Without the event the run has ended nevertheless: clients that reconnect find no active
        # run and reload the history. A thread that is not released would lock its user out.
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
