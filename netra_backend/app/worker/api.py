"""The methods of the agent process for its gateway."""

import time
from collections.abc import Mapping

from prometheus_client import REGISTRY

from netra_backend.app.runs.run_spec import ResumeRun, StartedRun, StartRun
from netra_backend.app.runs.service import RunService
from netra_backend.app.worker import contract
from netra_backend.app.worker.rpc.peer import Handler
from netra_shared.runtime.late_imports import late_imports
from netra_shared.runtime.recent_errors import recent_errors

# Metrics of the interpreter, and those that the gateway merges with its own.
NOT_FORWARDED = ("process_", "python_", "late_imports")
NOTHING = contract.Nothing()


class AgentApi:
    """Serves ``RunService`` to the gateway.

    ``runs`` is set before the process reports that it accepts commands.

    Attributes:
        polled_at: time of the gateway's last status request (monotonic).
        stopping: true when the gateway has requested the shutdown.
    """

    def __init__(self) -> None:
        self.runs: RunService
        self.polled_at = time.monotonic()
        self.stopping = False

    def table(self) -> Mapping[str, Handler]:
        """Return the handlers by method."""
        return {
            contract.START: Handler(StartRun, self._start),
            contract.RESUME: Handler(ResumeRun, self._resume),
            contract.CANCEL: Handler(contract.CancelRun, self._cancel),
            contract.CANCEL_OLDER: Handler(contract.Older, self._cancel_older),
            contract.STATUS: Handler(contract.Nothing, self._status),
            contract.METRICS: Handler(contract.Nothing, self._metrics),
            contract.STOP: Handler(contract.Nothing, self._stop),
        }

    async def _start(self, command: StartRun) -> StartedRun:
        return await self.runs.start(command)

    async def _resume(self, command: ResumeRun) -> StartedRun:
        return await self.runs.resume(command)

    async def _cancel(self, body: contract.CancelRun) -> str:
        return await self.runs.cancel(user=body.user, run_id=body.run_id)

    async def _cancel_older(self, body: contract.Older) -> int:
        return await self.runs.cancel_older(older_than_seconds=body.than_seconds)

    async def _status(self, _nothing: contract.Nothing) -> contract.Status:
        self.polled_at = time.monotonic()
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
            if not metric.name.startswith(NOT_FORWARDED)
        ]

    async def _stop(self, _nothing: contract.Nothing) -> contract.Nothing:
        self.stopping = True
        await self.runs.stop()
        return NOTHING
