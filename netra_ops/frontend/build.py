"""Builds the frontend, only when its sources changed, by one process at a time."""

import asyncio
import fcntl
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from netra_ops.errors import OperatorError
from netra_ops.frontend import sources
from netra_ops.frontend.node import find_node, npm_command
from netra_ops.services.child_process import ChildProcess
from netra_ops.services.http_server import describe_exit
from netra_ops.services.log_file import open_for_append, size, text_from

INSTALL_SECONDS = 300.0  # 35 s over a good line; 60 MB
BUILD_SECONDS = 300.0  # 25 s alone, a minute and more beside a whole test suite
LOCK_SECONDS = 600.0
LOCK_POLL_SECONDS = 0.2
STOP_STEPS = ((signal.SIGTERM, 2.0),)
TAIL_LINES = 12
_NO_NETWORK = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH", "ECONNRESET")

Tell = Callable[[str], None]


class FrontendBuildFailed(OperatorError):
    """The frontend could not be built; the rest of the platform does not need it."""

    code = "frontend_build_failed"
    title = "The frontend could not be built"


def is_current(frontend: Path) -> bool:
    """Tell whether ``out`` is what the present sources make."""
    return sources.built_digest(frontend) == sources.source_digest(frontend)


async def build_frontend(frontend: Path, log_path: Path, tell: Tell) -> bool:
    """Build ``frontend/out`` if it is not current; return whether it was built.

    Args:
        frontend: the folder with ``package.json``.
        log_path: gets what npm and Next.js print.
        tell: called with each step, in words.

    Raises:
        FrontendBuildFailed: names the step and the reason, with the remedy.
        SomethingAbsent: there is no Node.
    """
    if is_current(frontend):
        return False
    async with asyncio.timeout(LOCK_SECONDS):
        while True:
            with _exclusive(frontend) as held:
                if held:
                    return await _build(frontend, log_path, tell)
            tell("waiting for another build")
            await asyncio.sleep(LOCK_POLL_SECONDS)


async def _build(frontend: Path, log_path: Path, tell: Tell) -> bool:
    if is_current(frontend):  # another process built it meanwhile
        return False
    if not sources.packages_are_current(frontend):
        tell("installing packages (about 60 MB, once)")
        npm: list[str | Path] = [
            *npm_command(),
            "ci",
            "--no-audit",
            "--no-fund",
            "--prefer-offline",
        ]
        await _run("npm ci", npm, frontend, log_path, INSTALL_SECONDS)
        (frontend / sources.LOCK_STAMP).write_text(sources.lock_digest(frontend))
    tell("building")
    command: list[str | Path] = [find_node(), "scripts/build.ts"]
    await _run("npm run build", command, frontend, log_path, BUILD_SECONDS)
    return True


async def _run(
    name: str, argv: list[str | Path], frontend: Path, log_path: Path, seconds: float
) -> None:
    log_end = size(log_path)
    path = f"{find_node().parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    with open_for_append(log_path) as log:
        child = ChildProcess.start(
            argv,
            name=name,
            output=log,
            environment={**os.environ, "PATH": path, "NEXT_TELEMETRY_DISABLED": "1", "CI": "1"},
            working_directory=frontend,
        )
    try:
        how = describe_exit(await child.wait(seconds))
    except TimeoutError:
        how = f"was not done after {seconds:g} s"
    finally:
        await child.stop(STOP_STEPS)
    if how != "ended with status 0":
        raise _failure(name, how, text_from(log_path, log_end))


def _failure(name: str, how: str, words: str) -> FrontendBuildFailed:
    if any(sign in words for sign in _NO_NETWORK):
        return FrontendBuildFailed(
            f"{name} cannot reach the package registry",
            remedy="check network and proxy, then: netra up again",
        )
    lines = [line for line in words.splitlines() if line.strip()][-TAIL_LINES:]
    reason = next((line.strip() for line in lines if "rror" in line), "")
    return FrontendBuildFailed(
        f"{name} {how}{f': {reason[:160]}' if reason else ''}",
        remedy="read: netra logs frontend-build",
    )


@contextmanager
def _exclusive(frontend: Path) -> Iterator[bool]:
    """Hold the folder's build lock; False when another process has it."""
    descriptor = os.open(frontend / ".build-lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
