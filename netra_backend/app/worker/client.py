"""``RunService``'s front in the gateway: the same interface, executed by the agent process."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from pydantic import JsonValue

from netra_backend.app.runs.run_spec import OnBusy, StartedRun
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
    """Commands to the runs of this instance.

    Args:
        settings: deadlines.
        limit: runs that the agent process executes at most.

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
        """How many runs the agent process executed when it was last asked."""
        return int(self.overview()["active"])  # type: ignore[arg-type]

    def overview(self) -> dict[str, JsonValue]:
        """Return what was being executed when the agent process was last asked."""
        nobody: dict[str, JsonValue] = {"active": 0, "limit": self._limit, "runIds": []}
        known = nobody if self._status is None else dict(self._status.overview)
        return known | {"agents": self.process.state}

    @property
    def problem(self) -> str | None:
        """Why the agent process cannot execute runs, in its own words; None when it can."""
        return None if self._status is None else self._status.problem

    def errors(self) -> list[Any]:
        """Return the latest errors that the agent process logged under an id, newest first."""
        return [] if self._status is None else list(self._status.errors)

    def take_status(self, status: contract.Status) -> None:
        """Note how the agent process is. Its late imports count as this process's own."""
        self._status = status
        for module, importer, count in status.late_imports:
            known = self._late.get((module, importer), 0)
            self._late[module, importer] = count
            late_imports.add(module, importer, count - known)

    def forget(self) -> None:
        """Forget the process that has ended."""
        self._status = None
        self._late.clear()

    async def start(
        self,
        *,
        user: Claims,
        thread_id: UUID,
        command_id: UUID,
        message_id: UUID,
        content: str,
        on_busy: OnBusy = "reject",
    ) -> StartedRun:
        """See ``RunService.start``; raises ``AgentsStarting`` and ``AgentsAway`` as well."""
        body = contract.StartRun(user, thread_id, command_id, message_id, content, on_busy)
        return await self._command(contract.START, body, StartedRun)

    async def resume(
        self,
        *,
        user: Claims,
        thread_id: UUID,
        command_id: UUID,
        answers: Sequence[dict[str, Any]],
    ) -> StartedRun:
        """See ``RunService.resume``; raises as ``start``."""
        body = contract.ResumeRun(user, thread_id, command_id, list(answers))
        return await self._command(contract.RESUME, body, StartedRun)

    async def cancel(self, *, user: Claims, run_id: UUID) -> str:
        """See ``RunService.cancel``; raises as ``start``."""
        return await self._command(contract.CANCEL, contract.CancelRun(user, run_id), str)

    async def cancel_older(self, *, older_than_seconds: float) -> int:
        """See ``RunService.cancel_older``; raises as ``start``."""
        return await self._command(contract.CANCEL_OLDER, contract.Older(older_than_seconds), int)

    async def stop(self) -> None:
        """End the runs of the agent process in order, within ``stop_seconds``."""
        peer = self.process.drain()
        if peer is None:
            return
        with swallowed(_log, "agents_not_stopped", NetraError):
            await peer.call(
                contract.STOP,
                contract.Nothing(),
                contract.Nothing,
                seconds=self._settings.stop_seconds,
            )

    async def metrics(self) -> Sequence[contract.Family]:
        """Return the agent process's metrics.

        Raises:
            NetraError: it is away, or did not answer within ``metrics_seconds``.
        """
        return await self.process.reached().call(
            contract.METRICS,
            contract.Nothing(),
            list[contract.Family],
            seconds=self._settings.metrics_seconds,
        )

    async def check(self) -> Mapping[str, JsonValue]:
        """Return the overview when runs can be executed here; see ``AgentProcess.check``."""
        self.process.check()
        return self.overview()

    async def _command(self, method: str, body: Any, answer: type[AnswerType]) -> AnswerType:
        """Ask the agent process; ask the next one when it ends before it answers.

        Every command may be repeated: runs are begun once for a command id.
        """
        peer = await self.process.commanded()
        try:
            return await peer.call(method, body, answer, seconds=self._settings.command_seconds)
        except ChannelClosed:
            peer = await self.process.commanded()
        return await peer.call(method, body, answer, seconds=self._settings.command_seconds)
