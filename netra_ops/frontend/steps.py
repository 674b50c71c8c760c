"""One step of making the frontend: a process with a deadline, its words in a log."""

import os
import signal
from collections.abc import Sequence
from pathlib import Path

from netra_ops.errors import OperatorError
from netra_ops.frontend.node import find_node
from netra_ops.services.child_process import ChildProcess
from netra_ops.services.http_server import describe_exit
from netra_ops.services.log_file import open_for_append, size, text_from

STOP_STEPS = ((signal.SIGTERM, 2.0),)
TAIL_LINES = 12
REASON_CHARACTERS = 160
NO_NETWORK = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH", "ECONNRESET")


class FrontendBuildFailed(OperatorError):
    """The frontend could not be built; the rest of the platform does not need it."""

    code = "frontend_build_failed"
    title = "The frontend could not be built"


def node_environment() -> dict[str, str]:
    """Return the environment for Node: its own folder first on PATH, no telemetry."""
    path = f"{find_node().parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, "PATH": path, "NEXT_TELEMETRY_DISABLED": "1", "CI": "1"}


async def run_step(
    name: str, argv: Sequence[str | Path], frontend: Path, log_path: Path, seconds: float
) -> None:
    """Run one process in ``frontend`` to its end.

    Raises:
        FrontendBuildFailed: it failed or missed the deadline; says why, and what to do.
    """
    log_end = size(log_path)
    with open_for_append(log_path) as log:
        child = ChildProcess.start(
            argv, name=name, output=log, environment=node_environment(), working_directory=frontend
        )
    try:
        how = describe_exit(await child.wait(seconds))
    except TimeoutError:
        how = f"was not done after {seconds:g} s"
    finally:
        await child.stop(STOP_STEPS)
    if how != "ended with status 0":
        raise explain(name, how, text_from(log_path, log_end))


def explain(name: str, how: str, words: str) -> FrontendBuildFailed:
    """Return the failure of a step that ended like ``how`` after saying ``words``."""
    if any(sign in words for sign in NO_NETWORK):
        return FrontendBuildFailed(
            f"{name} cannot reach the package registry",
            remedy="check network and proxy, then: netra up again",
        )
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    reason = next((line for line in lines[-TAIL_LINES:] if "rror" in line), "")
    return FrontendBuildFailed(
        f"{name} {how}{f': {reason[:REASON_CHARACTERS]}' if reason else ''}",
        remedy="read: netra logs frontend-build",
    )
