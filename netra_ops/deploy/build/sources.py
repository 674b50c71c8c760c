"""The sources that an image is made from, as one digest: the same sources give the same image."""

import hashlib
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from netra_ops.errors import SomethingAbsent

GIT_SECONDS = 20.0
# What each Dockerfile copies; tests are in no image (.dockerignore).
_PYTHON = ("pyproject.toml", "uv.lock", "README.md", "LICENSE", "netra_shared")
INPUTS: dict[str, tuple[str, ...]] = {
    "auth": (*_PYTHON, "auth_service", "dockerfiles/auth.Dockerfile"),
    "backend": (*_PYTHON, "netra_backend", "docs", "dockerfiles/backend.Dockerfile"),
    "frontend": ("frontend", "dockerfiles/frontend.Dockerfile"),
}
_TESTS = "tests"


def source_digest(root: Path, role: str) -> str:
    """Return the SHA-256 of everything that goes into the image of ``role``, in hexadecimal.

    Raises:
        SomethingAbsent: ``root`` is no checkout.
    """
    total = hashlib.sha256()
    for name in source_files(root, INPUTS[role]):
        content = (root / name).read_bytes()
        total.update(name.encode() + b"\0" + str(len(content)).encode() + b"\0" + content)
    return total.hexdigest()


def source_files(root: Path, inputs: Sequence[str]) -> list[str]:
    """Return the files below some inputs that git tracks or would track, in order."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *inputs],
            cwd=root,
            capture_output=True,
            check=True,
            timeout=GIT_SECONDS,
        ).stdout.decode()
    except (OSError, subprocess.CalledProcessError) as error:
        raise SomethingAbsent(
            f"{root} is no git checkout, so its sources have no digest",
            remedy="deploy from a clone of the project",
        ) from error
    return sorted(_of_an_image(root, filter(None, listed.split("\0"))))


def _of_an_image(root: Path, names: Iterable[str]) -> Iterable[str]:
    """Leave out tests, and files that were deleted and not yet committed."""
    for name in names:
        if _TESTS not in Path(name).parts[:-1] and (root / name).is_file():
            yield name
