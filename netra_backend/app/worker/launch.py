"""Starting the agent process.

The child inherits one end of a Unix socket pair, the gateway's environment and its stdout, and
nothing else. It is in a session of its own, so a terminal's Ctrl-C reaches the gateway alone.
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
BARE = "--bare"  # the argument of a process that preloads its packages only
_POLL_SECONDS = 0.02  # only where the kernel has no pidfd (macOS, Linux before 5.3)


class Launched:
    """A started agent process and the gateway's end of the channel to it."""

    def __init__(self, process: "subprocess.Popen[bytes]", end: socket.socket) -> None:
        self._process = process
        self.end = end
        self.began = time.monotonic()

    @property
    def pid(self) -> int:
        """Its process id; stays reserved until ``exited`` has returned."""
        return self._process.pid

    def kill(self) -> None:
        """End it at once; does nothing when it has ended."""
        self._process.send_signal(signal.SIGKILL)

    def reap(self) -> None:
        """End it at once and wait for that, where no event loop runs."""
        self._process.kill()
        self._process.wait()
        self.end.close()

    async def exited(self) -> int:
        """Wait for the end; return the status, negative the number of the signal that ended it."""
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
    """Starts agent processes, one after the other.

    Args:
        instance_id: of the gateway; both processes are one instance.
        arguments: further ones of each process; never a secret.
    """

    def __init__(self, instance_id: str, arguments: Sequence[str] = ()) -> None:
        self._environment = {"INSTANCE_ID": instance_id}
        self._arguments = tuple(arguments)

    def start(self) -> Launched:
        """Start a process. Call it from the main thread: when the thread ends, the process does.

        Raises:
            OSError: the kernel has no room for another process or descriptor.
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
