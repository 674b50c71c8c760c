"""The lock file of a PostgreSQL data directory: who owns it, on which port, in which state."""

from dataclasses import dataclass
from pathlib import Path

FILE_NAME = "postmaster.pid"


@dataclass(frozen=True)
class PostmasterPid:
    """What matters of ``postmaster.pid`` (PostgreSQL's src/include/utils/pidfile.h)."""

    pid: int
    port: int | None
    ready: bool


def parse(text: str) -> PostmasterPid | None:
    """Read the file's lines: 1 pid, 4 port, 8 status. None while the first is still missing."""
    lines = text.splitlines()
    if not lines or not lines[0].strip().lstrip("-").isdigit():
        return None
    port = int(lines[3]) if len(lines) > 3 and lines[3].strip().isdigit() else None  # noqa: PLR2004  # line 4
    status = lines[7].strip() if len(lines) > 7 else ""  # noqa: PLR2004  # line 8
    return PostmasterPid(abs(int(lines[0])), port, status == "ready")


def read(cluster: Path) -> PostmasterPid | None:
    """Return the parsed lock file of ``cluster``, or None when there is none."""
    try:
        return parse((cluster / FILE_NAME).read_text())
    except FileNotFoundError:
        return None


def living_postmaster(cluster: Path) -> int | None:
    """Return the pid of the server that works on ``cluster``, or None.

    The pid in a stale file may meanwhile belong to any process. A server runs a program called
    ``postgres`` with the data directory as its working directory.
    """
    lock = read(cluster)
    if lock is None:
        return None
    import psutil  # noqa: PLC0415  # 0.1 s that most commands spare

    try:
        process = psutil.Process(lock.pid)
        if process.name() == "postgres" and cluster.samefile(process.cwd()):
            return lock.pid
    except (psutil.NoSuchProcess, psutil.AccessDenied, FileNotFoundError):
        # gone, or another user's process: PostgreSQL itself takes the latter for stale too
        return None
    return None


def remove_stale(cluster: Path) -> None:
    """Delete the lock file; call only when ``living_postmaster`` found no process."""
    (cluster / FILE_NAME).unlink(missing_ok=True)
