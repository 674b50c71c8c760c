"""Keeps one server running: start, watch, restart with growing delays, stop."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from netra_ops.errors import OperatorError
from netra_ops.services.backoff import RestartPolicy
from netra_ops.services.child_process import ChildProcess
from netra_ops.services.http_server import describe_exit


class PartState(StrEnum):
    """The state of a supervised server."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    STOPPED = "stopped"
    EXTERNAL = "external"
    FAILED = "failed"


class Server(Protocol):
    """What can be supervised: EmbeddedPostgres, EmbeddedValkey, HttpServer."""

    log_path: Path

    @property
    def pid(self) -> int:
        """Process id; 0 when it is not running."""

    @property
    def port(self) -> int:
        """The TCP port; 0 while unknown."""

    @property
    def child(self) -> ChildProcess:
        """The running process."""

    async def start(self) -> None:
        """Start; return when ready; raise ``OperatorError`` with nothing left running."""

    async def stop(self, seconds: float = ...) -> None:
        """Stop within about ``seconds``."""


@dataclass
class PartRecord:
    """What ``netra status`` shows of one part."""

    name: str
    state: PartState = PartState.WAITING
    pid: int = 0
    port: int = 0
    log: str = ""
    started_in_seconds: float = 0.0
    restarts: int = 0
    last_failure: str = ""
    detail: str = ""


@dataclass
class Supervised:
    """One server and its keeper.

    Args:
        name: the part's name.
        server: what to keep running.
        changed: called after every change of ``record``.
        policy: delays between restarts.
    """

    name: str
    server: Server
    changed: Callable[[PartRecord], None]
    policy: RestartPolicy = field(default_factory=RestartPolicy)

    def __post_init__(self) -> None:
        self.record = PartRecord(self.name, log=str(self.server.log_path))
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the server; from then on it is restarted whenever it ends.

        Raises:
            OperatorError: the first start failed; nothing is left running.
        """
        try:
            await self._start_once(PartState.STARTING)
        except OperatorError as error:
            self._note(PartState.FAILED, failure=error.detail)
            raise
        self._keeper = asyncio.create_task(self._keep(), name=f"keeper-{self.name}")

    async def stop(self, seconds: float) -> None:
        """Stop restarting, then stop the server within about ``seconds``."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
            if not self._keeper.cancelled():
                self._keeper.result()  # it never returns: this raises what ended it
            self._keeper = None
        await self.server.stop(seconds)
        if self.record.state is not PartState.FAILED:
            self._note(PartState.STOPPED)

    async def _start_once(self, state: PartState) -> None:
        self._note(state)
        started = asyncio.get_running_loop().time()
        await self.server.start()
        self.record.started_in_seconds = asyncio.get_running_loop().time() - started
        self._note(PartState.READY)

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            ready_at = loop.time()
            failure = f"{self.name} {describe_exit(await self.server.child.wait())}"
            failures = self.policy.failures(failures, loop.time() - ready_at)
            while True:
                self.record.restarts += 1
                self._note(PartState.RESTARTING, failure=failure)
                await asyncio.sleep(self.policy.delay(failures))
                try:
                    await self._start_once(PartState.RESTARTING)
                except (OperatorError, OSError) as error:  # OSError: the disk is full, say
                    failure = str(error)
                    failures += 1
                else:
                    break

    def _note(self, state: PartState, *, failure: str | None = None) -> None:
        self.record.state = state
        self.record.pid = self.server.pid
        self.record.port = self.server.port
        if failure is not None:
            self.record.last_failure = failure
        self.changed(self.record)
