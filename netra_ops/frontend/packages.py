"""The frontend's packages: installed from the lock file, once, by one process at a time."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from netra_ops.frontend import sources
from netra_ops.frontend.node import npm_command
from netra_ops.frontend.steps import run_step

INSTALL_SECONDS = 300.0  # 35 s over a good line; 60 MB
LOCK_SECONDS = 600.0  # another process installs and builds meanwhile
LOCK_POLL_SECONDS = 0.2

Report = Callable[[str], None]


async def install_packages(frontend: Path, log_path: Path, report: Report) -> None:
    """Install what ``package-lock.json`` names, if it is not there; call under the lock.

    Raises:
        FrontendBuildFailed: npm failed.
        SomethingAbsent: there is no Node.
    """
    if sources.packages_are_current(frontend):
        return
    report("installing packages (about 60 MB, once)")
    npm: list[str | Path] = [*npm_command(), "ci", "--no-audit", "--no-fund"]
    await run_step("npm ci", npm, frontend, log_path, INSTALL_SECONDS)
    (frontend / sources.LOCK_STAMP).write_text(sources.lock_digest(frontend))


@asynccontextmanager
async def build_lock(frontend: Path, report: Report) -> AsyncIterator[None]:
    """Hold the folder's lock; stacks and checks of one checkout share ``node_modules``.

    Raises:
        TimeoutError: another process held it for ``LOCK_SECONDS``.
    """
    loop = asyncio.get_running_loop()
    give_up = loop.time() + LOCK_SECONDS  # of the waiting alone: what is done here has its own
    waits = False
    while True:
        with _try_lock(frontend) as held:
            if held:
                yield
                return
        if not waits:
            report("waiting for another build")
            waits = True
        if loop.time() >= give_up:
            raise TimeoutError
        await asyncio.sleep(LOCK_POLL_SECONDS)


@contextmanager
def _try_lock(frontend: Path) -> Iterator[bool]:
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
