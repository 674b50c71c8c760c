"""Start-up as ordered, timed steps that can be read in the logs and at ``/health/startup``."""

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
    """One step: its name, when it began after process start, how long it took (seconds)."""

    name: str
    began_at: float
    elapsed: float = 0.0
    state: StepState = "running"


@dataclass(slots=True)
class StartupLog:
    """The steps so far. ``complete`` becomes true when the last one is done.

    Attributes:
        began: when the process was started, on the clock of ``time.monotonic``.
    """

    began: float = field(default_factory=process_start)
    steps: list[StartupStep] = field(default_factory=list)
    complete: bool = False

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Time the block as the step ``name`` and log it; an exception marks it failed."""
        step = self.begin(name)
        try:
            yield
        except BaseException:
            self.end(step, "failed")
            raise
        self.end(step)

    def begin(self, name: str) -> StartupStep:
        """Add the step ``name``, which ``end`` ends: for one that nobody waits for."""
        step = StartupStep(name, time.monotonic() - self.began)
        self.steps.append(step)
        return step

    def end(self, step: StartupStep, state: StepState = "done") -> None:
        """End a step that was begun, and log it."""
        step.state = state
        step.elapsed = time.monotonic() - self.began - step.began_at
        _write(step)

    def record(self, name: str, *, until: float) -> None:
        """Add the step ``name`` that went from the end of the last one to ``until``.

        For what happened before logs were configured.

        Args:
            name: of the step.
            until: when it ended, on the clock of ``time.monotonic``.
        """
        last = self.steps[-1] if self.steps else None
        began_at = last.began_at + last.elapsed if last is not None else 0.0
        step = StartupStep(name, began_at, max(0.0, until - self.began - began_at), "done")
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
            elapsed_ms=round((time.monotonic() - self.began) * 1000, 1),
        )


def _write(step: StartupStep) -> None:
    _log.info(
        "startup step",
        step=step.name,
        state=step.state,
        began_ms=round(step.began_at * 1000, 1),
        elapsed_ms=round(step.elapsed * 1000, 1),
    )
