"""An earlier commit's files beside the present ones, without touching the working tree."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netra_ops.errors import OperatorError, SomethingAbsent

GIT_SECONDS = 60


@contextmanager
def checked_out(repository: Path, commit: str) -> Iterator[Path]:
    """Check ``commit`` out into a worktree of its own and remove it afterwards.

    Raises:
        SomethingAbsent: this clone does not have the commit.
    """
    if git(repository, "cat-file", "-t", commit, check=False) != "commit":
        raise SomethingAbsent(
            f"this clone has no commit {commit}", remedy="git fetch --all, and check the number"
        )
    with tempfile.TemporaryDirectory(prefix="netra-rollback-") as scratch:
        place = Path(scratch) / "tree"
        git(repository, "worktree", "add", "--detach", "--force", str(place), commit)
        try:
            yield place
        finally:
            git(repository, "worktree", "remove", "--force", str(place))


def git(repository: Path, *arguments: str, check: bool = True) -> str:
    """Run git and return its output, stripped.

    Raises:
        SomethingAbsent: there is no git.
        OperatorError: git failed and ``check`` is set.
    """
    program = shutil.which("git")
    if program is None:
        raise SomethingAbsent("there is no git on PATH", remedy="install git")
    done = subprocess.run(
        [program, "-C", str(repository), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=GIT_SECONDS,
    )
    if check and done.returncode != 0:
        raise OperatorError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def repository_of(directory: Path) -> Path:
    """Return the root of the clone that ``directory`` is in.

    Raises:
        OperatorError: it is in none.
    """
    return Path(git(directory, "rev-parse", "--show-toplevel"))


def committed(directory: Path) -> str | None:
    """Return the commit whose files ``directory`` holds, None when they differ or git is absent."""
    try:
        if git(directory, "status", "--porcelain", "--", "."):
            return None
        return git(directory, "rev-parse", "HEAD")
    except OperatorError:
        return None
