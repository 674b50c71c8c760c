"""The heartbeat of an instance's runs: renews leases, reads cancel requests, claims lost runs.

Cost: one statement per heartbeat for an instance with runs, and one sweep per second over an
index that contains only unreleased runs. The renewal also returns ``run.cancel`` requests of
other instances, so no second channel is needed.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from uuid import UUID

from netra_backend.app.runs.control import CancelReason, RunControl
from netra_backend.app.runs.metrics import LEASES_LOST
from netra_backend.app.runs.policy import RunPolicy
from netra_backend.app.runs.recovery import RunRecovery
from netra_backend.app.runs.store import RunStore
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.runtime.task_end import end_task

_log = get_logger(__name__)


class LeaseKeeper:
    """Owns the background task of the leases.

    Args:
        store: the rows.
        recovery: claims the runs of lost processes.
        controls: returns the controls of the runs that this instance is executing.
        policy: lease and heartbeat.
    """

    def __init__(
        self,
        store: RunStore,
        recovery: RunRecovery,
        controls: Callable[[], Mapping[UUID, RunControl]],
        policy: RunPolicy,
    ) -> None:
        self._store = store
        self._recovery = recovery
        self._controls = controls
        self._policy = policy
        self._next_sweep = 0.0
        self._last_beat: float | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def problem(self) -> str | None:
        """Why leases are not renewed; None when they are."""
        if self._task is None or self._last_beat is None:
            return "the heartbeat of runs has not started"
        if self._task.done():
            return "the heartbeat of runs has ended"
        silent = time.monotonic() - self._last_beat
        if silent > self._policy.lease_seconds:
            return f"the heartbeat of runs has been silent for {silent:.0f} s"
        return None

    async def start_heartbeat(self) -> None:
        """Start the heartbeat; its first iteration also sweeps."""
        self._last_beat = time.monotonic()
        self._task = asyncio.create_task(self._beat(), name="run-leases")

    async def stop_heartbeat(self) -> None:
        """Stop the heartbeat and wait for it."""
        if self._task is not None:
            await end_task(self._task)
            self._task = None

    async def renew(self) -> None:
        """Renew the leases of all runs of this instance and apply stored cancel requests."""
        controls = dict(self._controls())
        if not controls:
            return
        renewed_at = time.monotonic()
        with swallowed(_log, "lease_renewal_failed"):
            kept = await self._store.renew(list(controls))
            for run_id, reason in kept.items():
                controls[run_id].lease_until = renewed_at + self._policy.fence_seconds
                if reason is not None:
                    controls[run_id].cancel(reason)
            for run_id in controls.keys() - kept.keys():
                self._fence(run_id, controls[run_id])
        for run_id, control in controls.items():
            if time.monotonic() > control.lease_until:
                self._fence(run_id, control)

    async def _beat(self) -> None:
        while True:
            self._last_beat = time.monotonic()
            await self.renew()
            if time.monotonic() >= self._next_sweep:
                self._next_sweep = time.monotonic() + self._policy.sweep_seconds
                with swallowed(_log, "orphan_sweep_failed"):
                    await self._recovery.sweep()
            await asyncio.sleep(self._policy.heartbeat_seconds)

    def _fence(self, run_id: UUID, control: RunControl) -> None:
        if not control.fenced and not control.ending:
            LEASES_LOST.inc()
            _log.error("run lease lost", run_id=str(run_id))
            control.cancel(CancelReason.LEASE_LOST)
