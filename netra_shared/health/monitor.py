"""Refreshes the readiness snapshot in the background, never in a request."""

import asyncio
from collections.abc import Iterable
from typing import Self

from netra_shared.health.check import CheckResult, ServiceReadinessCheck
from netra_shared.health.fleet import REPORT_SECONDS, Fleet
from netra_shared.health.metrics import (
    CHECK_PASSING,
    CHECK_SECONDS,
    DEGRADED,
    READY,
    TRANSITIONS,
)
from netra_shared.health.refresh import Refresh
from netra_shared.health.run import CheckRunner
from netra_shared.health.snapshot import Circumstances, HealthStatus, Snapshot, compose
from netra_shared.health.state import CheckState, observe
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.runtime.task_end import end_tasks

_log = get_logger(__name__)


class ReadinessMonitor:
    """Runs each check in its own loop and answers ``snapshot()`` from memory.

    A hanging dependency therefore delays neither the answer nor the results of other checks. Start
    and stop the monitor in one event loop, or use it as an async context manager.

    Args:
        checks: the checks, unique by name.
        refresh: the intervals.
        fleet: exchange with the other instances; without it, no failure of a shared dependency
            makes an admitted instance unready.
    """

    def __init__(
        self,
        checks: Iterable[ServiceReadinessCheck],
        *,
        refresh: Refresh | None = None,
        fleet: Fleet | None = None,
    ) -> None:
        self.checks = tuple(checks)
        self.refresh = refresh or Refresh()
        self._hysteresis = self.refresh.hysteresis
        self._fleet = fleet
        self._runners = [CheckRunner(check) for check in self.checks]
        self._states = {check.name: CheckState() for check in self.checks}
        if len(self._states) != len(self.checks):
            raise ValueError("two readiness checks have the same name")
        self._stale_after = {check.name: self.refresh.stale_after(check) for check in self.checks}
        self._owner: asyncio.Task[None] | None = None
        self._loops: list[asyncio.Task[None]] = []
        self._started_at = 0.0
        self._draining = ""
        self._admitted = False
        self._announced: HealthStatus | None = None

    async def start(self) -> None:
        """Start the refresh; return without waiting for the first results."""
        if self._owner is not None:
            raise RuntimeError("the readiness monitor is already running")
        self._started_at = asyncio.get_running_loop().time()
        self._owner = asyncio.create_task(self._run(), name="readiness-monitor")

    async def stop(self) -> None:
        """Stop the refresh within twice ``refresh.stop_seconds``; a second call does nothing."""
        owner, self._owner = self._owner, None
        if owner is None:
            return
        # Each task: a task group cancels its tasks once, and a library may lose that cancellation.
        await end_tasks((*self._loops, owner), within_seconds=self.refresh.stop_seconds)
        async with asyncio.TaskGroup() as group:
            if self._fleet is not None:
                group.create_task(self._fleet.leave(self.refresh.stop_seconds))
            for runner in self._runners:
                group.create_task(runner.close(self.refresh.stop_seconds))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.stop()

    def drain(self, reason: str = "draining") -> None:
        """Become unready immediately and permanently: the first step of a shutdown."""
        self._draining = self._draining or reason
        self.snapshot()

    @property
    def states(self) -> dict[str, CheckState]:
        """The concluded state of each check, by name."""
        return dict(self._states)

    def snapshot(self) -> Snapshot:
        """Return the current readiness without waiting; takes a few microseconds per check."""
        taken = self._compose()
        if not self._admitted and taken.status.ready:
            self._admitted = True
            taken = self._compose()
            _log.info("readiness admitted", status=taken.status.value)
        if taken.status is not self._announced:
            self._announce(taken)
        return taken

    def _compose(self) -> Snapshot:
        around = Circumstances(
            now=asyncio.get_running_loop().time(),
            started_at=self._started_at,
            admitted=self._admitted,
            draining=self._draining,
            stale_after=self._stale_after,
            isolated=self._fleet.isolated() if self._fleet else frozenset(),
        )
        return compose(self.checks, self._states, around)

    def _announce(self, taken: Snapshot) -> None:
        before, self._announced = self._announced, taken.status
        READY.set(taken.status.ready)
        DEGRADED.set(taken.status is HealthStatus.WARN)
        expected = taken.status is HealthStatus.PASS or before is None
        write = _log.info if expected else _log.warning
        write(
            "readiness changed",
            before=before.value if before else None,
            status=taken.status.value,
            reasons=list(taken.reasons),
        )

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            self._loops = [
                group.create_task(self._watch(runner), name=f"readiness-watch:{runner.check.name}")
                for runner in self._runners
            ]
            if self._fleet is not None:
                notes = group.create_task(self._compare_notes(self._fleet), name="readiness-fleet")
                self._loops.append(notes)

    async def _compare_notes(self, fleet: Fleet) -> None:
        while True:
            with swallowed(_log, "readiness_fleet"):
                serving = self.snapshot().status.ready
                await fleet.exchange(self._states, serving=serving)
                self.snapshot()
            await asyncio.sleep(self.refresh.jittered(REPORT_SECONDS))

    async def _watch(self, runner: CheckRunner) -> None:
        while True:
            # A defect here must not stop the check permanently; meanwhile the missing results make
            # the check stale and the instance unready.
            with swallowed(_log, "readiness_watch"):
                self._record(runner.check, await runner.run())
            failing = not all(state.settled for state in self._states.values())
            await asyncio.sleep(self.refresh.pause(failing=failing))

    def _record(self, check: ServiceReadinessCheck, result: CheckResult) -> None:
        CHECK_SECONDS.labels(check.name).observe(result.elapsed_seconds)
        before = self._states[check.name]
        after = observe(before, result, self._hysteresis)
        self._states[check.name] = after
        if after.passing is not before.passing:
            self._log_transition(check, after, result)
        self.snapshot()

    def _log_transition(
        self, check: ServiceReadinessCheck, after: CheckState, result: CheckResult
    ) -> None:
        to = "passing" if after.passing else "failing"
        CHECK_PASSING.labels(check.name).set(bool(after.passing))
        TRANSITIONS.labels(check.name, to).inc()
        write = _log.info if after.passing else _log.warning
        write(
            "readiness check changed",
            check=check.name,
            to=to,
            critical=check.is_critical,
            output=result.output,
            elapsed_ms=round(result.elapsed_seconds * 1000, 1),
            attempts=result.attempts,
            falls=len(after.falls),
        )
