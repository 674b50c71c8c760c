"""The directories of a stack, and one line for what the disk refuses.

Light to import: ``netra up --detach`` needs this much and leaves the rest to the supervisor.
"""

import contextlib
import errno
import shutil
from collections.abc import Iterator

from netra_ops.errors import StorageRefused
from netra_ops.stack.paths import StackPaths

MIN_FREE_BYTES = 200 * 1024 * 1024  # a new cluster takes 40 MB, its log segments up to 80 MB more
_STORAGE_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EPERM}


def require_storage(paths: StackPaths) -> None:
    """Create the directories and see that the start will fit.

    Raises:
        StorageRefused: no permission, a read-only file system, or too little room.
    """
    with storage_errors(paths):
        create_with_space(paths)


def create_with_space(paths: StackPaths) -> None:
    """Create the directories; raise ``StorageRefused`` when little room is left."""
    paths.create()
    free = shutil.disk_usage(paths.data_dir).free
    if free < MIN_FREE_BYTES:
        raise StorageRefused(
            f"only {free // 2**20} MB are free at {paths.data_dir}, "
            f"{MIN_FREE_BYTES // 2**20} MB are needed",
            remedy="make room, or choose another place with --data-dir",
        )


@contextlib.contextmanager
def storage_errors(paths: StackPaths) -> Iterator[None]:
    """Name the disk's refusals, wherever they happen, in one line."""
    try:
        yield
    except OSError as error:
        if error.errno not in _STORAGE_ERRORS:
            raise
        raise StorageRefused(
            f"{error.strerror}: {error.filename or paths.data_dir}",
            remedy="make room or correct the permissions, or choose another --data-dir",
        ) from error
