"""Which process a pid meant: pids are reused, a pid with its start time is not."""

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ProcessIdentity:
    """A pid and when that process started (opaque; only compared)."""

    pid: int
    started: str

    @property
    def is_alive(self) -> bool:
        """Return whether that very process still runs (a zombie does not)."""
        return identify(self.pid) == self

    def send(self, number: signal.Signals) -> bool:
        """Signal the process if it is still that one; returns whether it was sent."""
        if not self.is_alive:
            return False
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return False
        return True


def identify(pid: int) -> ProcessIdentity | None:
    """Return the identity of the process that has ``pid`` now; None when there is none."""
    if pid <= 0:
        return None
    started = _started_linux(pid) if sys.platform == "linux" else _started_elsewhere(pid)
    return None if started is None else ProcessIdentity(pid, started)


def _started_linux(pid: int) -> str | None:
    """Return field 22 of /proc/PID/stat: clock ticks from boot, immune to clock changes."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()  # the program's name may contain anything
    state, started = fields[0], fields[19]
    return None if state in {"Z", "X"} else started


def _started_elsewhere(pid: int) -> str | None:
    import psutil  # noqa: PLC0415  # 0.1 s that most commands spare

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return f"{process.create_time():.3f}"
    except psutil.NoSuchProcess:
        return None
