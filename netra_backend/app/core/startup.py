"""Start-up as ordered, timed steps, shown in the logs and at ``/health/startup``."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Literal

from netra_shared.logging import get_logger
from netra_shared.runtime.process_age import process_start

_log = get_logger(__name__)

StepState = Literal["running", "done", "failed"]


@dataclass(slots=True)
class StartupStep:
    """One step: its name, its start relative to the process start, its duration (seconds)."""

    name: str
    started_at: float
    elapsed: float = 0.0
    state: StepState = "running"


@dataclass(slots=True)
class StartupLog:
    """The recorded steps. ``complete`` is set after the last one.

    Attributes:
        process_started: start of the process, on the clock of ``time.monotonic``.
    """

    process_started: float = field(default_factory=process_start)
    steps: list[StartupStep] = field(default_factory=list)
    complete: bool = False

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Time the block as the step ``name`` and log it; an exception marks it failed."""
        step = self.start_step(name)
        try:
            yield
        except BaseException:
            self.end(step, "failed")
            raise
        self.end(step)

    def start_step(self, name: str) -> StartupStep:
        """Add the step ``name``, which ``end`` ends: for a step that runs in the background."""
        step = StartupStep(name, time.monotonic() - self.process_started)
        self.steps.append(step)
        return step

    def end(self, step: StartupStep, state: StepState = "done") -> None:
        """End a running step and log it."""
        step.state = state
        step.elapsed = time.monotonic() - self.process_started - step.started_at
        _write(step)

    def record(self, name: str, *, until: float) -> None:
        """Add the step ``name``, from the end of the previous step to ``until``.

        For steps that ran before logging was configured.

        Args:
            name: name of the step.
            until: end of the step, on the clock of ``time.monotonic``.
        """
        last = self.steps[-1] if self.steps else None
        started_at = last.started_at + last.elapsed if last is not None else 0.0
        step = StartupStep(
            name, started_at, max(0.0, until - self.process_started - started_at), "done"
        )
        self.steps.append(step)
        _write(step)

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[None]:
        """Do what ``timed`` does for a block that awaits."""
        with self.timed(name):
            yield

    def finish(self) -> None:
        """Mark start-up as complete."""
        self.complete = True
        _log.info(
            "startup complete",
            steps=len(self.steps),
            elapsed_ms=round((time.monotonic() - self.process_started) * 1000, 1),
        )


def _write(step: StartupStep) -> None:
    _log.info(
        "startup step",
        step=step.name,
        state=step.state,
        started_ms=round(step.started_at * 1000, 1),
        elapsed_ms=round(step.elapsed * 1000, 1),
    )
