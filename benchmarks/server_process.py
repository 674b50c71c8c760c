"""One contestant's server on its own core: started, measured, stopped."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

START_SECONDS = 30.0
STOP_SECONDS = 10.0
TICK = 0.02


class ServerProcess:
    """A server and all of its descendants.

    Args:
        argv: command line; the port is its own affair.
        port: where it will listen on 127.0.0.1.
        core: the CPU it is pinned to; ``None`` leaves it alone.
        environment: added to this process's.
        log: receives what it writes.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        port: int,
        core: int | None,
        environment: Mapping[str, str],
        log: Path,
    ) -> None:
        self.port = port
        self._argv = argv
        self._core = core
        self._environment = environment
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start, and return when it takes connections.

        Raises:
            RuntimeError: it ended, or did not listen in time; the end of its log says why.
        """
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220  fork and exec take a millisecond
                self._argv,
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if self._core is not None:
            os.sched_setaffinity(self._process.pid, {self._core})
        try:
            async with asyncio.timeout(START_SECONDS):
                while not await self._listens():
                    if self._process.poll() is not None:
                        break
                    await asyncio.sleep(TICK)
                else:
                    return
        except TimeoutError:
            self.stop()
        raise RuntimeError(f"{self._argv}: {self._log.read_text(errors='replace')[-1500:]}")

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True

    def cpu_nanoseconds(self) -> int:
        """Return the CPU time of all threads of the process tree.

        The first field of ``/proc/PID/task/TID/schedstat``, "time spent on the cpu (in
        nanoseconds)": Documentation/scheduler/sched-stats.rst of the Linux kernel.
        """
        total = 0
        for process in self._tree():
            for file in Path(f"/proc/{process.pid}/task").glob("*/schedstat"):
                total += int(file.read_text().split()[0])
        return total

    def resident_bytes(self) -> int:
        """Return the resident set size of the process tree."""
        return sum(process.memory_info().rss for process in self._tree())

    def _tree(self) -> list[psutil.Process]:
        if self._process is None:
            return []
        root = psutil.Process(self._process.pid)
        return [root, *root.children(recursive=True)]

    def stop(self) -> None:
        """End it, by force if it must be."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def python_server(module: str, *arguments: str) -> list[str]:
    """Return the command line of one of ``benchmarks.servers``."""
    return [sys.executable, "-m", f"benchmarks.servers.{module}", *arguments]
