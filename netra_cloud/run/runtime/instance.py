"""One instance of a revision: a process, its log streams, its probes, its end."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from netra_cloud.run.clock import Clock
from netra_cloud.run.runtime import probes
from netra_cloud.run.runtime.guarded import Guard

Json = dict[str, Any]

_LAUNCH = Path(__file__).with_name("launch.py")
TERMINATION_SECONDS = 10.0  # doc: container-contract; not configurable
KILLED = "The instance did not end within 10 seconds of SIGTERM; it gets SIGKILL."
_LINE_LIMIT = 256 * 1024  # bytes; Cloud Logging's limit of an entry
_PUMP_SECONDS = 2.0  # for what a dead process left in its pipes


class Stage(StrEnum):
    """Where an instance is in its life."""

    STARTING = "starting"
    READY = "ready"
    UNREADY = "unready"
    STOPPING = "stopping"
    DEAD = "dead"


@dataclass(frozen=True)
class Program:
    """What an instance runs."""

    arguments: Sequence[str]
    directory: Path
    environment: Mapping[str, str]


@dataclass
class Instance:
    """A running process.

    Attributes:
        active: requests and sockets that it serves now.
        idle_since: loop time since which ``active`` is 0.
    """

    id: str
    port: int
    clock: Clock
    guard: Guard
    on_line: Callable[[str, str], None]
    stage: Stage = Stage.STARTING
    active: int = 0
    idle_since: float = 0.0
    served: int = 0
    started_at: str = field(default_factory=Clock.now)
    process: asyncio.subprocess.Process | None = None
    reserved: socket.socket | None = None
    _pumps: list[asyncio.Task[None]] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def pid(self) -> int | None:
        """Process id, once started."""
        return self.process.pid if self.process else None

    async def start(self, program: Program, probe: Json) -> str | None:
        """Start the process and wait for its startup probe; return why it failed, or None."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-S",
            str(_LAUNCH),
            str(os.getpid()),
            program.environment.get("LC_CTYPE", "-"),
            "--",
            *program.arguments,
            cwd=program.directory,
            env=dict(program.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            limit=_LINE_LIMIT,
        )
        self.guard.watch(self.process.pid)
        for name, stream in (("stdout", self.process.stdout), ("stderr", self.process.stderr)):
            assert stream is not None  # noqa: S101 -- PIPE above
            self._pumps.append(asyncio.create_task(self._pump(name, stream)))
        started = asyncio.create_task(probes.wait_until_started(probe, self.port, self.clock))
        exited = asyncio.create_task(self.process.wait())
        try:
            await asyncio.wait({started, exited}, return_when=asyncio.FIRST_COMPLETED)
            if exited.done():
                return f"exit({exited.result()})"
            failure = started.result()
        finally:
            for task in (started, exited):
                task.cancel()
            await asyncio.gather(started, exited, return_exceptions=True)
        if failure is None:
            self.stage = Stage.READY
            self.idle_since = asyncio.get_running_loop().time()
        return failure

    async def stop(self) -> None:
        """Send SIGTERM, after exactly 10 s SIGKILL; return when the process is gone."""
        if self.stage is Stage.DEAD:
            return
        self.stage = Stage.STOPPING
        if self.process is not None and self.process.returncode is None:
            self.signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self.process.wait(), self.clock.real(TERMINATION_SECONDS))
            except TimeoutError:
                self.on_line("system", KILLED)
        await self.finish()

    async def finish(self) -> None:
        """Kill what is left of the process group and read its last lines."""
        if self.process is not None and self.stage is not Stage.DEAD:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()
            self.guard.forget(self.process.pid)
            _, late = (
                await asyncio.wait(self._pumps, timeout=_PUMP_SECONDS)
                if self._pumps
                else (set(), set())
            )
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self.stage = Stage.DEAD
        self.ended.set()

    def signal(self, number: int) -> None:
        """Send a signal to the container's first process."""
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    def kill_group(self, number: int) -> None:
        """Send a signal to every process of the instance."""
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    async def _pump(self, name: str, stream: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # longer than the limit; asyncio has dropped the part it read
                continue
            if not line:
                return
            self.on_line(name, line.decode(errors="replace"))


def free_port() -> int:
    """Return a loopback port that is free now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
