"""The journal of one run: what is done and need not, or must not, be done again.

A step is a response of the model or a call of a tool. Its result is stored before the run goes
on; an instance that takes the run over finds it and goes on from there. A tool with side effects
is also noted before it is called, so that a survivor never repeats a call of which nobody knows
whether it happened.

Keys count steps in the order of the run. The order is the same whenever the run is played
again, since what was recorded decides what comes next.
"""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from netra_backend.app.db.errors import DatabaseUnavailable
from netra_backend.app.runs.control import CancelReason, RunControl
from netra_backend.app.runs.errors import RunLost
from netra_backend.app.runs.retry import retried

RUN_FORMAT = 1
"""Version of the journal and of the order that this code writes.

Raise it when a run in the old form could not be finished by the new code, and the other way
round: instances take over only runs of a format that they know.
"""


class StepWriter(Protocol):
    """Where steps are stored."""

    async def write(self, run_id: UUID, attempt: int, key: str, value: str | None) -> bool:
        """Store a step; False when the run belongs to another attempt by now.

        Raises:
            DatabaseUnavailable: nothing is known to be stored; write it again.
        """
        ...


class RunJournal:
    """Reads what earlier attempts recorded, and records what this one does.

    Args:
        run_id: the run.
        attempt: this one's number.
        writer: the store.
        control: ended when the run turns out to be another instance's.
        write_seconds: how long a step may take to be stored, retries included.
        recorded: value by key; None for a call that was begun and never answered.
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
        self._run_id = run_id
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

    def was_begun(self, key: str) -> bool:
        """Tell whether an earlier attempt began the step and did not get its result."""
        return key in self._recorded and self._recorded[key] is None

    async def begin(self, key: str) -> None:
        """Note that the step is about to happen. Raises as ``complete`` does."""
        await self._write(key, None)

    async def complete(self, key: str, value: str) -> None:
        """Record the step's result.

        Raises:
            RunLost: another instance owns the run; nothing more may be done for it here.
            DatabaseUnavailable: the result could not be stored in time.
        """
        await self._write(key, value)

    async def _write(self, key: str, value: str | None) -> None:
        ours = await retried(
            lambda: self._writer.write(self._run_id, self.attempt, key, value),
            self._write_seconds,
            DatabaseUnavailable,
        )
        if not ours:
            self._control.cancel(CancelReason.LEASE_LOST)
            raise RunLost("Another instance has taken the run over.")
