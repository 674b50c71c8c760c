"""The gateway's client of ``RunService``: the same interface, executed by the agent process."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from pydantic import JsonValue

from netra_backend.app.runs.run_spec import ResumeRun, StartedRun, StartRun
from netra_backend.app.worker import contract
from netra_backend.app.worker.rpc.errors import ChannelClosed
from netra_backend.app.worker.settings import AgentProcessSettings
from netra_backend.app.worker.supervisor import AgentProcess
from netra_shared.auth.tokens import Claims
from netra_shared.errors import NetraError
from netra_shared.logging import get_logger
from netra_shared.runtime.late_imports import late_imports
from netra_shared.runtime.swallow import swallowed

AnswerType = TypeVar("AnswerType")

_log = get_logger(__name__)


class RemoteRuns:
    """Sends commands to the run service of this instance.

    Args:
        settings: deadlines.
        limit: the maximum of concurrent runs of the agent process.

    ``process`` is set before the first command.
    """

    def __init__(self, settings: AgentProcessSettings, *, limit: int) -> None:
        self._settings = settings
        self._limit = limit
        self._status: contract.Status | None = None
        self._late: dict[tuple[str, str], int] = {}
        self.process: AgentProcess

    @property
    def active_count(self) -> int:
        """Return the number of active runs in the latest status."""
        return int(self.overview()["active"])  # type: ignore[arg-type]

    def overview(self) -> dict[str, JsonValue]:
        """Return the overview of runs in the latest status."""
        idle: dict[str, JsonValue] = {"active": 0, "limit": self._limit, "runIds": []}
        known = idle if self._status is None else dict(self._status.overview)
        return known | {"agents": self.process.state}

    @property
    def problem(self) -> str | None:
        """Return why the agent process cannot execute runs; None when it can."""
        return None if self._status is None else self._status.problem

    def errors(self) -> list[Any]:
        """Return the latest errors that the agent process logged with an id, newest first."""
        return [] if self._status is None else list(self._status.errors)

    def take_status(self, status: contract.Status) -> None:
        """Store the status of the agent process; add its late imports to those of this process."""
        self._status = status
        for module, importer, count in status.late_imports:
            known = self._late.get((module, importer), 0)
            self._late[module, importer] = count
            late_imports.add(module, importer, count - known)

    def forget(self) -> None:
        """Discard the status of a process that has ended."""
        self._status = None
        self._late.clear()

    async def start(self, command: StartRun) -> StartedRun:
        """See ``RunService.start``.

        Raises:
            AgentProcessStarting: the process did not become ready within ``wait_seconds``.
            AgentProcessUnavailable: this instance has no agent process.
            NetraError: as ``RunService.start``.
        """
        return await self._command(contract.START, command, StartedRun)

    async def resume(self, command: ResumeRun) -> StartedRun:
        """See ``RunService.resume``; raises as ``start``."""
        return await self._command(contract.RESUME, command, StartedRun)

    async def cancel(self, *, user: Claims, run_id: UUID) -> str:
        """See ``RunService.cancel``; raises as ``start``."""
        return await self._command(contract.CANCEL, contract.CancelRun(user, run_id), str)

    async def cancel_older(self, *, older_than_seconds: float) -> int:
        """See ``RunService.cancel_older``; raises as ``start``."""
        return await self._command(contract.CANCEL_OLDER, contract.Older(older_than_seconds), int)

    async def stop(self) -> None:
        """Drain the runs of the agent process, within ``stop_seconds``."""
        peer = self.process.drain()
        if peer is None:
            return
        with swallowed(_log, "agent_process_not_stopped", NetraError):
            await peer.call(
                contract.STOP,
                contract.Nothing(),
                contract.Nothing,
                seconds=self._settings.stop_seconds,
            )

    async def metrics(self) -> Sequence[contract.Family]:
        """Return the agent process's metrics.

        Raises:
            NetraError: it is unavailable, or did not answer within ``metrics_seconds``.
        """
        return await self.process.reached().call(
            contract.METRICS,
            contract.Nothing(),
            list[contract.Family],
            seconds=self._settings.metrics_seconds,
        )

    async def check(self) -> Mapping[str, JsonValue]:
        """Return the overview when the process is healthy; see ``AgentProcess.check``."""
        self.process.check()
        return self.overview()

    async def _command(self, method: str, body: Any, answer: type[AnswerType]) -> AnswerType:
        """Call the agent process; repeat the call when it ends before it answers.

        Every command is idempotent by its command id.
        """
        peer = await self.process.commanded()
        try:
            return await peer.call(method, body, answer, seconds=self._settings.command_seconds)
        except ChannelClosed:
            peer = await self.process.commanded()
        return await peer.call(method, body, answer, seconds=self._settings.command_seconds)
