"""A disk of a few megabytes that a test can really fill."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MOUNT_SECONDS = 10.0
BLOCK = b"\0" * 65536


class SmallDisk:
    """A mounted file system.

    Args:
        path: where it is mounted; everybody may enter, so PostgreSQL can run as ``nobody``.
        real: whether it has a size of its own; false when this user may not mount.
    """

    def __init__(self, path: Path, *, real: bool) -> None:
        self.path = path
        self.real = real

    def fill(self) -> None:
        """Write until nothing is left."""
        assert self.real
        with self._ballast.open("wb", buffering=0) as ballast, suppress(OSError):
            while True:
                ballast.write(BLOCK)

    def clear(self) -> None:
        """Give the space back."""
        self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return self.path / "ballast"


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """Mount a file system in memory; an ordinary directory for who may not mount."""
    with tempfile.TemporaryDirectory(prefix="netra-disk-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        options = f"size={megabytes}m,mode=0755,uid={os.geteuid()},gid={os.getegid()}"
        real = _as_root("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder)
        try:
            yield SmallDisk(path, real=real)
        finally:
            if real:
                _as_root("umount", "--lazy", folder)


def _as_root(*argv: str) -> bool:
    prefix = () if os.geteuid() == 0 else ("sudo", "-n")
    try:
        done = subprocess.run(
            [*prefix, *argv], check=False, capture_output=True, timeout=MOUNT_SECONDS
        )
    except FileNotFoundError:
        return False
    return done.returncode == 0
