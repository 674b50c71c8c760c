"""Starts and stops the process that runs the test services from wheels."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable

from netra_ops.errors import OperatorError, ServerStartFailed
from netra_ops.services.log_file import open_for_append, size, text_from
from netra_ops.services.supervisor import PartState
from netra_ops.stack import state
from netra_ops.stack.leftovers import end_leftovers, wait_gone
from test_framework.project import PROJECT_ROOT
from test_framework.test_services.definition import TestServices
from test_framework.test_services.places import Places

START_SECONDS = 90.0  # 4 s on a quiet machine
STOP_SECONDS = 12.0
KILL_SECONDS = 2.0
POLL_SECONDS = 0.05

Say = Callable[[str], None]

# They outlive this process on purpose; Popen complains when it is forgotten before its process.
_detached: "list[subprocess.Popen[bytes]]" = []


def is_running(places: Places) -> bool:
    """Return whether our process runs, ready or not."""
    return state.read_running(places.state) is not None


def start(services: TestServices, places: Places, say: Say) -> None:
    """Start the process, or join one that is starting, and return when all parts are ready.

    Raises:
        ServerStartFailed: it gave up or missed the deadline; nothing is left running.
    """
    places.create()
    process = None if is_running(places) else _spawn(services, places)
    log_end = size(places.log("daemon"))
    reported: set[str] = set()
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        current = state.read_running(places.state)
        for name, part in ({} if current is None else current.parts).items():
            if part.state is PartState.READY and name not in reported:
                reported.add(name)
                say(f"✓ {name} {part.started_in_seconds:.1f} s")
        if current is not None and current.ready:
            return
        gone = current is None if process is None else process.poll() is not None
        if gone:
            status = "" if process is None else f" with status {process.returncode}"
            raise ServerStartFailed(
                f"the test services ended{status} before they were ready",
                log_tail=text_from(places.log("daemon"), log_end).strip(),
                remedy=f"read the logs in {places.logs}",
            )
        time.sleep(POLL_SECONDS)
    stop(places)
    raise ServerStartFailed(
        f"the test services were not ready after {START_SECONDS:g} s",
        remedy=f"read the logs in {places.logs}",
    )


def stop(places: Places) -> bool:
    """End the process and its servers; returns whether anything ran.

    Raises:
        OperatorError: the process survived SIGKILL.
    """
    current = state.read_running(places.state)
    if current is not None:
        current.supervisor.send(signal.SIGTERM)
        if not wait_gone(current.supervisor, STOP_SECONDS):
            current.supervisor.send(signal.SIGKILL)
            if not wait_gone(current.supervisor, KILL_SECONDS):
                raise OperatorError(
                    f"the test services (pid {current.supervisor.pid}) survived SIGKILL",
                    remedy="the kernel holds the process in a system call; look at the disk",
                )
    killed = end_leftovers(places.state)
    return current is not None or bool(killed)


def _spawn(services: TestServices, places: Places) -> "subprocess.Popen[bytes]":
    with open_for_append(places.log("daemon")) as log:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "test_framework.test_services.daemon",
                "--data-dir", places.directory, "--compose-file", services.compose_file.absolute(),
            ],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=PROJECT_ROOT,
            start_new_session=True,
        )  # fmt: skip
    _detached[:] = [one for one in _detached if one.poll() is None] + [process]
    return process
