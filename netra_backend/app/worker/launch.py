"""Starts the agent process.

The child inherits one end of a Unix socket pair, and the gateway's environment and stdout. It has
its own session, so a terminal's Ctrl-C reaches only the gateway.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence

MODULE = "netra_backend.app.worker"
BARE = "--bare"  # argument of a process that only preloads packages
_POLL_SECONDS = 0.02  # only where the kernel has no pidfd (macOS, Linux before 5.3)


class Launched:
    """A started agent process and the gateway's end of the channel to it."""

    def __init__(self, process: "subprocess.Popen[bytes]", end: socket.socket) -> None:
        self._process = process
        self.end = end
        self.started_at = time.monotonic()

    @property
    def pid(self) -> int:
        """Return its process id, which stays reserved until ``exited`` has returned."""
        return self._process.pid

    def kill(self) -> None:
        """Kill the process; does nothing when it has ended."""
        self._process.send_signal(signal.SIGKILL)

    def reap(self) -> None:
        """Kill the process and wait for its end, without an event loop."""
        self._process.kill()
        self._process.wait()
        self.end.close()

    async def exited(self) -> int:
        """Wait for the end; return the status, or the negated signal number."""
        while (status := self._process.poll()) is None:
            await self._ended()
        return status

    async def _ended(self) -> None:
        if not hasattr(os, "pidfd_open"):
            await asyncio.sleep(_POLL_SECONDS)
            return
        ended = asyncio.Event()
        descriptor = os.pidfd_open(self.pid)
        loop = asyncio.get_running_loop()
        loop.add_reader(descriptor, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)


class Launcher:
    """Starts agent processes, one at a time.

    Args:
        instance_id: of the gateway; both processes are one instance.
        arguments: additional ones of each process; never a secret.
    """

    def __init__(self, instance_id: str, arguments: Sequence[str] = ()) -> None:
        self._environment = {"INSTANCE_ID": instance_id}
        self._arguments = tuple(arguments)

    def start(self) -> Launched:
        """Start a process. Call it on the main thread: the process ends with the thread.

        Raises:
            OSError: the kernel cannot create another process or descriptor.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            inherited = theirs.fileno()
            try:
                process = subprocess.Popen(  # noqa: S603  our own interpreter and module
                    [
                        sys.executable,
                        "-m",
                        MODULE,
                        str(inherited),
                        str(os.getpid()),
                        *self._arguments,
                    ],
                    stdin=subprocess.DEVNULL,
                    env=os.environ | self._environment,
                    pass_fds=[inherited],
                    start_new_session=True,
                )
            except BaseException:
                ours.close()
                raise
        return Launched(process, ours)
