"""The journal of one run: the results of its completed steps.

A step is a response of the model or a call of a tool. Its result is stored before the run
continues; a process that recovers the run reads the results and resumes after the last one. The
start of a tool with side effects is stored as well, so that recovery never repeats a call whose
result is unknown.

Keys number the steps in the order of the run. A replay has the same order, since the recorded
results determine the next step.
"""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from netra_backend.app.runs.control import CancelReason, RunControl
from netra_backend.app.runs.errors import RunLost
from netra_backend.app.runs.retry import retried
from netra_shared.errors import DatabaseUnavailable

RUN_FORMAT = 1
"""Version of the journal and of the run specification that this code writes.

Increment it when the new code cannot finish a run in the old format, or the old code one in the
new format: instances claim only runs of a format that they know.
"""


class StepWriter(Protocol):
    """Stores steps."""

    async def write(self, run_id: UUID, attempt: int, key: str, value: str | None) -> bool:
        """Store a step; return False when another attempt owns the run.

        Raises:
            DatabaseUnavailable: the step may not be stored; write it again.
        """
        ...


class RunJournal:
    """Reads the steps of earlier attempts, and records those of this attempt.

    Args:
        run_id: the run.
        attempt: the number of this attempt.
        writer: the store.
        control: cancelled when another process owns the run.
        write_seconds: deadline for storing a step, including retries.
        recorded: value by key; None for a call that was started and has no result.
    """

    def __init__(
        self,
        *,
        run_id: UUID,
        attempt: int,
        writer: StepWriter,
        control: RunControl,
        write_seconds: float,
        recorded: Mapping[str, str | None],
    ) -> None:
        self.run_id = run_id
        self.attempt = attempt
        self._writer = writer
        self._control = control
        self._write_seconds = write_seconds
        self._recorded = recorded
        self._responses = 0

    def next_response(self) -> str:
        """Return the key of the model's next response."""
        self._responses += 1
        return f"model:{self._responses}"

    def result(self, key: str) -> str | None:
        """Return the recorded result of a step as JSON; None when it has none."""
        return self._recorded.get(key)

    def was_started(self, key: str) -> bool:
        """Return whether an earlier attempt started the step and recorded no result."""
        return key in self._recorded and self._recorded[key] is None

    async def record_start(self, key: str) -> None:
        """Record that the step is about to start. Raises the errors of ``complete``."""
        await self._write(key, None)

    async def complete(self, key: str, value: str) -> None:
        """Record the step's result.

        Raises:
            RunLost: another process owns the run; this one must stop executing it.
            DatabaseUnavailable: the result could not be stored in time.
        """
        await self._write(key, value)

    async def _write(self, key: str, value: str | None) -> None:
        ours = await retried(
            lambda: self._writer.write(self.run_id, self.attempt, key, value),
            self._write_seconds,
            DatabaseUnavailable,
        )
        if not ours:
            self._control.cancel(CancelReason.LEASE_LOST)
            raise RunLost("Another instance continues the run.")
