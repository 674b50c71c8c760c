"""What the agent process does for its gateway."""

import time
from collections.abc import Mapping

from prometheus_client import REGISTRY

from netra_backend.app.runs.run_spec import StartedRun
from netra_backend.app.runs.service import RunService
from netra_backend.app.worker import contract
from netra_backend.app.worker.rpc.peer import Duty
from netra_shared.runtime.late_imports import late_imports
from netra_shared.runtime.recent_errors import recent_errors

# Of the interpreter; and what the gateway counts with its own.
NOT_TOLD = ("process_", "python_", "late_imports")
NOTHING = contract.Nothing()


class AgentDuties:
    """Serves ``RunService``'s front to the gateway.

    ``runs`` is set before the gateway is told that commands are taken.

    Attributes:
        asked_at: when the gateway last asked how this process is (monotonic).
        stopping: true when the gateway has asked for the end.
    """

    def __init__(self) -> None:
        self.runs: RunService
        self.asked_at = time.monotonic()
        self.stopping = False

    def table(self) -> Mapping[str, Duty]:
        """Return the duties by name."""
        return {
            contract.START: Duty(contract.StartRun, self._start),
            contract.RESUME: Duty(contract.ResumeRun, self._resume),
            contract.CANCEL: Duty(contract.CancelRun, self._cancel),
            contract.CANCEL_OLDER: Duty(contract.Older, self._cancel_older),
            contract.STATUS: Duty(contract.Nothing, self._status),
            contract.METRICS: Duty(contract.Nothing, self._metrics),
            contract.STOP: Duty(contract.Nothing, self._stop),
        }

    async def _start(self, body: contract.StartRun) -> StartedRun:
        return await self.runs.start(
            user=body.user,
            thread_id=body.thread_id,
            command_id=body.command_id,
            message_id=body.message_id,
            content=body.content,
            on_busy=body.on_busy,
        )

    async def _resume(self, body: contract.ResumeRun) -> StartedRun:
        return await self.runs.resume(
            user=body.user,
            thread_id=body.thread_id,
            command_id=body.command_id,
            answers=body.answers,
        )

    async def _cancel(self, body: contract.CancelRun) -> str:
        return await self.runs.cancel(user=body.user, run_id=body.run_id)

    async def _cancel_older(self, body: contract.Older) -> int:
        return await self.runs.cancel_older(older_than_seconds=body.than_seconds)

    async def _status(self, _nothing: contract.Nothing) -> contract.Status:
        self.asked_at = time.monotonic()
        return contract.Status(
            problem=self.runs.problem,
            overview=self.runs.overview(),
            late_imports=[(*pair, count) for pair, count in late_imports.seen.items()],
            errors=recent_errors.latest(),
        )

    async def _metrics(self, _nothing: contract.Nothing) -> list[contract.Family]:
        return [
            contract.Family(
                metric.name,
                metric.documentation,
                metric.type,
                [contract.Sample(one.name, dict(one.labels), one.value) for one in metric.samples],
            )
            for metric in REGISTRY.collect()
            if not metric.name.startswith(NOT_TOLD)
        ]

    async def _stop(self, _nothing: contract.Nothing) -> contract.Nothing:
        self.stopping = True
        await self.runs.stop()
        return NOTHING
