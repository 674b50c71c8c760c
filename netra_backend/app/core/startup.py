"""Start-up as ordered, timed steps that can be read in the logs and at ``/health/startup``."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Literal

from netra_shared.logging import get_logger

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
    """The steps so far. ``complete`` becomes true when the last one is done."""

    began: float = field(default_factory=time.monotonic)
    steps: list[StartupStep] = field(default_factory=list)
    complete: bool = False

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Time the block as the step ``name`` and log it; an exception marks it failed."""
        step = StartupStep(name, time.monotonic() - self.began)
        self.steps.append(step)
        try:
            yield
        except BaseException:
            step.state = "failed"
            raise
        else:
            step.state = "done"
        finally:
            step.elapsed = time.monotonic() - self.began - step.began_at
            _log.info(
                "startup step",
                step=name,
                state=step.state,
                elapsed_ms=round(step.elapsed * 1000, 1),
            )

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
