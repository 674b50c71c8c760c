"""A child process that dies with its parent, is awaited without polling, and stops in steps."""

import asyncio
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import IO

import netra_ops.services.launch as launch_script

Fileno = int | IO[bytes]

_POLL_SECONDS = 0.02  # only where the kernel has no pidfd (macOS, Linux before 5.3)
_KILL_WAIT_SECONDS = 5.0  # after SIGKILL only an uninterruptible system call can delay the end


class _Starter:
    """One thread, alive as long as this process, that starts every child.

    The kernel sends the death signal when the *thread* that forked ends, not the process
    (prctl(2)); a child started from a short-lived worker thread would be killed with it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: queue.SimpleQueue[
            tuple[Callable[[], subprocess.Popen[bytes]], Future[subprocess.Popen[bytes]]]
        ] = queue.SimpleQueue()
        self._owner_pid = 0

    def start(self, open_process: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        """Run ``open_process`` on the thread and return what it returns or raise its error."""
        with self._lock:
            if self._owner_pid != os.getpid():  # first use, or first use after a fork
                self._requests = queue.SimpleQueue()
                threading.Thread(target=self._work, name="child-starter", daemon=True).start()
                self._owner_pid = os.getpid()
        outcome: Future[subprocess.Popen[bytes]] = Future()
        self._requests.put((open_process, outcome))
        return outcome.result()

    def _work(self) -> None:
        while True:
            open_process, outcome = self._requests.get()
            try:
                outcome.set_result(open_process())
            except BaseException as error:  # noqa: BLE001  # handed to the caller, who raises it
                outcome.set_exception(error)


_starter = _Starter()


class ChildProcess:
    """A started child. Independent of any event loop: start in one, stop in another."""

    def __init__(self, process: subprocess.Popen[bytes], name: str) -> None:
        self._process = process
        self.name = name

    @classmethod
    def start(
        cls,
        argv: Sequence[str | Path],
        *,
        name: str,
        output: Fileno,
        environment: Mapping[str, str] | None = None,
        working_directory: Path | None = None,
        user: tuple[int, int] | None = None,
        death_signal: signal.Signals = signal.SIGKILL,
        stdin: Fileno | None = None,
    ) -> "ChildProcess":
        """Start ``argv`` in a session of its own, so that Ctrl-C reaches only the parent.

        Args:
            argv: absolute path of the program, then its arguments. Never put a secret here.
            name: for messages.
            output: where stdout and stderr go.
            environment: the whole environment; the parent's when None.
            working_directory: entered before the rights are dropped.
            user: (uid, gid) to run as; the caller's when None.
            death_signal: what the child receives when this process ends, however it ends.
            stdin: what the child reads; /dev/null when None.

        Raises:
            OSError: the interpreter itself cannot be started.
        """
        uid, gid = user if user is not None else (-1, -1)
        prefix = [
            sys.executable, "-I", "-S", launch_script.__file__,
            str(os.getpid()), str(int(death_signal)), str(uid), str(gid), "--",
        ]  # fmt: skip

        def open_process() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                [*prefix, *(str(argument) for argument in argv)],
                stdin=subprocess.DEVNULL if stdin is None else stdin,
                stdout=output,
                stderr=output,
                env=None if environment is None else dict(environment),
                cwd=working_directory,
                start_new_session=True,
            )

        return cls(_starter.start(open_process), name)

    @property
    def pid(self) -> int:
        """The process id; stays reserved until the exit status has been read."""
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """None while it runs; negative is the number of the signal that ended it."""
        return self._process.poll()

    def send(self, number: signal.Signals) -> None:
        """Send a signal; does nothing when the child has ended."""
        self._process.send_signal(number)

    async def wait(self, timeout_seconds: float | None = None) -> int:
        """Wait for the end and return the exit status.

        Raises:
            TimeoutError: it still runs after ``timeout_seconds``.
        """
        async with asyncio.timeout(timeout_seconds):
            while (status := self._process.poll()) is None:
                await self._exited()
        return status

    async def _exited(self) -> None:
        if not hasattr(os, "pidfd_open"):
            await asyncio.sleep(_POLL_SECONDS)
            return
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        descriptor = os.pidfd_open(self.pid)
        loop.add_reader(descriptor, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)

    async def stop(self, steps: Sequence[tuple[signal.Signals, float]]) -> int:
        """Send each signal in turn, waiting its seconds for the end; SIGKILL is the last resort.

        Args:
            steps: (signal, seconds to wait for the end after it).

        Returns:
            The exit status.

        Raises:
            TimeoutError: it survived SIGKILL (the kernel holds it in a system call).
        """
        for number, seconds in steps:
            self.send(number)
            try:
                return await self.wait(seconds)
            except TimeoutError:
                continue
        self.send(signal.SIGKILL)
        return await self.wait(_KILL_WAIT_SECONDS)
