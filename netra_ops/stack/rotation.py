"""Bounds the log files: each has one predecessor of at most the same size."""

import asyncio
import os
import shutil
from pathlib import Path

MAX_LOG_BYTES = 10 * 1024 * 1024
CHECK_SECONDS = 2.0


def rotate(path: Path, max_bytes: int = MAX_LOG_BYTES) -> bool:
    """Copy ``path`` to ``path.1`` and empty it when it is larger than ``max_bytes``.

    The writers hold the file open in append mode, so it is emptied, not renamed; a line written
    between the copy and the truncation is lost. The alternative, piping every log through the
    supervisor, would stall all parts whenever the supervisor stalls.

    Returns:
        Whether it was rotated.
    """
    try:
        if path.stat().st_size <= max_bytes:
            return False
    except FileNotFoundError:
        return False
    previous = path.with_name(f"{path.name}.1")
    shutil.copyfile(path, previous)
    previous.chmod(0o600)
    os.truncate(path, 0)
    return True


def rotate_all(directory: Path) -> None:
    """Rotate every log in ``directory`` that needs it."""
    for path in directory.glob("*.log"):
        rotate(path)


async def keep_bounded(directory: Path) -> None:
    """Rotate the logs in ``directory`` until cancelled."""
    while True:
        await asyncio.to_thread(rotate_all, directory)
        await asyncio.sleep(CHECK_SECONDS)
