"""Processes that freeze, die and come back, with everything that belongs to them."""

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

import psutil

from netra_ops.services.child_process import ChildProcess
from test_framework.waiting import POLL_SECONDS

KILL_SECONDS = 30.0
STOP_SECONDS = 20.0


class Restartable(Protocol):
    """A server of ours: EmbeddedPostgres, EmbeddedValkey, HttpServer."""

    @property
    def pid(self) -> int:
        """Process id; 0 when it is not running."""

    @property
    def child(self) -> ChildProcess:
        """The running process."""

    async def start(self) -> None:
        """Start and return when ready."""

    async def stop(self, seconds: float = ...) -> None:
        """Stop."""


def signal_family(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process and all its descendants (PostgreSQL has one per session)."""
    root = psutil.Process(pid)
    for process in [root, *root.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):  # ended since it was listed
            process.send_signal(number)


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stop a process and its descendants during the block (SIGSTOP), then let them continue."""
    signal_family(pid, signal.SIGSTOP)
    try:
        _await_stop(pid)
        yield
    finally:
        with suppress(psutil.NoSuchProcess):
            signal_family(pid, signal.SIGCONT)


def _await_stop(pid: int) -> None:
    """Return once the kernel has stopped it: a signal takes effect when the process next runs."""
    give_up = time.monotonic() + STOP_SECONDS
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        while process.status() != psutil.STATUS_STOPPED and time.monotonic() < give_up:
            time.sleep(POLL_SECONDS)


async def kill(server: Restartable) -> None:
    """End a server without a warning (SIGKILL) and return once it is gone."""
    server.child.send(signal.SIGKILL)
    await server.child.wait(KILL_SECONDS)
    await server.stop()  # it forgets the dead child


async def restart(server: Restartable, *, down_seconds: float = 0.0) -> None:
    """Kill a server and start it again on the same port and data.

    Args:
        server: which.
        down_seconds: how long it stays down in between.
    """
    await kill(server)
    await asyncio.sleep(down_seconds)
    await server.start()
