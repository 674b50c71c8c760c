"""Brings the database to the schema of this checkout, and remembers that it did."""

import asyncio
import hashlib
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from netra_ops.errors import ServerStartFailed
from netra_ops.services.child_process import ChildProcess
from netra_ops.services.http_server import describe_exit
from netra_ops.services.log_file import open_for_append, size, text_from

MIGRATION_SECONDS = 120.0
STOP_STEPS = ((signal.SIGTERM, 2.0),)
MODULES = {
    "migrate-auth": "auth_service.app.migrate",
    "migrate-backend": "netra_backend.app.migrate",
}
DIRECTORIES = ("auth_service/app/migrations", "netra_backend/app/db/migrations")


def digest(root: Path) -> str:
    """Return a digest of every migration file in the checkout at ``root``."""
    total = hashlib.sha256()
    for directory in DIRECTORIES:
        for path in sorted((root / directory).rglob("*.py")):
            total.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def stamp(root: Path, cluster: Path) -> str:
    """Return what identifies these migrations on this very cluster.

    A new cluster has a new PG_VERSION file, so the stamp of a deleted one does not match.
    """
    birth = (cluster / "PG_VERSION").stat()
    return f"{digest(root)} {birth.st_ino} {birth.st_mtime_ns}"


def is_current(stamp_file: Path, wanted: str) -> bool:
    """Return whether the migrations of ``wanted`` have already run."""
    try:
        return stamp_file.read_text() == wanted
    except FileNotFoundError:
        return False


async def migrate(
    modules: Mapping[str, str], root: Path, environment: Mapping[str, str], logs: Path
) -> None:
    """Run both services' migrations at the same time; each holds its own advisory lock.

    Raises:
        ServerStartFailed: one failed or missed the deadline.
    """
    async with asyncio.TaskGroup() as group:
        for name, module in modules.items():
            group.create_task(_run(name, module, root, environment, logs / f"{name}.log"))


async def _run(
    name: str, module: str, root: Path, environment: Mapping[str, str], log_path: Path
) -> None:
    log_end = size(log_path)
    with open_for_append(log_path) as log:
        child = ChildProcess.start(
            [sys.executable, "-m", module],
            name=name,
            output=log,
            environment=environment,
            working_directory=root,
        )
    try:
        how = describe_exit(await child.wait(MIGRATION_SECONDS))
    except TimeoutError:
        how = f"was not done after {MIGRATION_SECONDS:g} s"
    finally:
        await child.stop(STOP_STEPS)
    if how != "ended with status 0":
        words = text_from(log_path, log_end).splitlines()[-15:]
        raise ServerStartFailed(
            f"{name} {how}",
            log_tail="\n".join(words),
            remedy=f"read the rest with: netra logs {name}",
        )
