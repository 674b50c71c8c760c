"""One supervisor per data directory, guaranteed by the kernel."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netra_ops.errors import DataInUse


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock on ``path`` during the block.

    The kernel releases it when the holder ends, however it ends, so it is never stale; the empty
    file stays, since deleting it would let two processes lock two different files.

    Raises:
        DataInUse: another process holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataInUse(f"another netra up uses {path.parent}") from None
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Return whether a living process holds the lock on ``path``."""
    if not path.exists():
        return False
    try:
        with exclusive(path):
            return False
    except DataInUse:
        return True
