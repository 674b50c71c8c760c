"""How long the machine kept a processor from the measuring process or from the measured one.

Users are promised bounds by a service that runs; a test machine with two cores and many jobs takes
the processor away for tenths of a second. Those times are known exactly and are subtracted, so the
bounds need no allowance for noise:

- Linux accounts for each process how long it was ready to run and waited
  (``/proc/PID/schedstat``, second field, nanoseconds; Documentation/scheduler/sched-stats.rst).
- A timer of the measuring process that fires late was late by that much.

A service that hangs on a dependency, blocks its event loop or computes too long waits for no
processor, so nothing of that is ever subtracted.
"""

from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

LEAST_SECONDS = 0.003  # what every timer and every wake-up is late by is no theft
NANO = 1e-9


class StolenTime:
    """Collects the intervals in which one of ``pids`` was kept waiting."""

    def __init__(self, *pids: int) -> None:
        self._waited = {pid: _waited_seconds(pid) for pid in pids}
        self._intervals: list[tuple[float, float]] = []
        self._merged: list[tuple[float, float]] | None = None
        self._before: list[float] = []

    def sample(self, now: float) -> None:
        """Ask the kernel; call every few hundredths of a second. ``now`` is on the test's clock."""
        for pid, before in self._waited.items():
            after = self._waited[pid] = _waited_seconds(pid)
            self.note(now - (after - before), now)  # accounted when the wait ends

    def note(self, start: float, end: float) -> None:
        """Add an interval that is known to be lost."""
        if end - start >= LEAST_SECONDS:
            self._intervals.append((start, end))
            self._merged = None

    def within(self, start: float, end: float) -> float:
        """Return how many seconds between ``start`` and ``end`` were stolen."""
        return self._until(end) - self._until(start)

    @property
    def total(self) -> float:
        """Seconds stolen so far."""
        return self._until(float("inf"))

    def _until(self, moment: float) -> float:
        if self._merged is None:
            self._merged = _merge(self._intervals)
            lengths = (end - start for start, end in self._merged)
            self._before = list(accumulate(lengths, initial=0.0))
        index = bisect_right(self._merged, (moment, float("inf")))
        if index == 0:
            return 0.0
        start, end = self._merged[index - 1]
        return self._before[index - 1] + min(end, moment) - start


def _merge(intervals: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _waited_seconds(pid: int) -> float:
    """Return 0 where the kernel does not tell (not Linux) and after the process has ended."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) * NANO
    except (OSError, IndexError):
        return 0.0
