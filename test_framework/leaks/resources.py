"""What this process holds now: children, threads, sockets."""

import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from netra_ops.stack.identity import ProcessIdentity, identify
from test_framework.leaks.keepers import THREADS, kept_sockets

FDS = Path("/proc/self/fd")
TASKS = Path("/proc/self/task")


@dataclass(frozen=True)
class Resources:
    """A snapshot.

    Args:
        processes: living children.
        threads: living threads that no one keeps on purpose.
        sockets: inodes of open sockets; empty where the system does not report them.
    """

    processes: frozenset[ProcessIdentity] = frozenset()
    threads: frozenset[threading.Thread] = field(default=frozenset())
    sockets: frozenset[str] = frozenset()

    def __or__(self, other: "Resources") -> "Resources":
        """Return what is in either."""
        return Resources(
            self.processes | other.processes,
            self.threads | other.threads,
            self.sockets | other.sockets,
        )

    def __sub__(self, other: "Resources") -> "Resources":
        """Return what is here and not in ``other``."""
        return Resources(
            self.processes - other.processes,
            self.threads - other.threads,
            self.sockets - other.sockets,
        )

    def __bool__(self) -> bool:
        """Return whether there is anything."""
        return bool(self.processes or self.threads or self.sockets)

    def described(self) -> list[str]:
        """Return one line for each."""
        return [
            *(f"process {one.pid}: {_command(one.pid)}" for one in sorted_by_pid(self.processes)),
            *(f"thread {thread.name!r}" for thread in self.threads),
            *(f"socket {_ends(number)}" for number in sorted(self.sockets)),
        ]


def held() -> Resources:
    """Return what this process holds; 1 ms on Linux."""
    return Resources(
        processes=frozenset(filter(None, map(identify, _children()))),
        threads=frozenset(
            thread for thread in threading.enumerate() if not thread.name.startswith(THREADS)
        ),
        sockets=frozenset(_sockets()) - kept_sockets(),
    )


def socket_number(descriptor: int) -> str:
    """Return the inode of an open socket; empty where the system does not report it."""
    try:
        return str((FDS / str(descriptor)).readlink())
    except OSError:
        return ""


def sorted_by_pid(processes: frozenset[ProcessIdentity]) -> list[ProcessIdentity]:
    """Return the processes in the order of their ids."""
    return sorted(processes, key=lambda one: one.pid)


def _children() -> Iterator[int]:
    if sys.platform != "linux":
        yield from (child.pid for child in psutil.Process().children())
        return
    for task in TASKS.iterdir():
        try:
            yield from map(int, (task / "children").read_text().split())
        except OSError:
            continue  # the thread has ended since it was listed


def _sockets() -> Iterator[str]:
    try:
        names = os.listdir(FDS)  # noqa: PTH208  # names are all that is needed, and fast
    except OSError:
        return  # not Linux
    for name in names:
        try:
            target = os.readlink(f"{FDS}/{name}")  # noqa: PTH115  # same reason
        except OSError:
            continue  # the listing's own descriptor
        if target.startswith("socket:"):
            yield target


def _command(pid: int) -> str:
    try:
        return " ".join(psutil.Process(pid).cmdline())[:200]
    except psutil.Error:
        return "?"


def _ends(number: str) -> str:
    for connection in psutil.Process().net_connections(kind="all"):
        if connection.fd >= 0 and socket_number(connection.fd) == number:
            return f"{connection.laddr!s} -> {connection.raddr!s} {connection.status}"
    return number
