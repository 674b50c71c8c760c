"""How long the machine kept a processor from the measuring process or from the measured one.

Users are promised bounds by a service that runs; a test machine with two cores and many jobs takes
the processor for tenths of a second. Those times are known exactly and are subtracted, so the
bounds need no allowance for noise:

- Linux accounts for each process how long it was ready to run and waited
  (``/proc/PID/schedstat``, second field, nanoseconds; Documentation/scheduler/sched-stats.rst).
- A timer of the measuring process that fires late was late by that much.
- What a hypervisor takes from a processor while a process has it is no wait in the kernel's books
  but "steal" (``/proc/stat``, eighth figure of a processor's line; proc_stat(5)).

A service that hangs on a dependency, blocks its event loop or computes too long waits for no
processor, so nothing of that is ever subtracted.
"""

import asyncio
import os
import time
from bisect import bisect_right
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from itertools import accumulate
from pathlib import Path

LEAST_SECONDS = 0.003  # what every timer and every wake-up is late by is no theft
NANO = 1e-9
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")
SAMPLE_SECONDS = 0.02
RARELY = 10
ATTEMPTS = 20  # of which each was disturbed: the machine is of no use for this


class StolenTime:
    """Collects the intervals in which one of ``pids`` was kept waiting.

    Args:
        pids: asked for at each sample.
        rarely: asked for at every ``RARELY``th, since there are many of them: a store's processes.
    """

    def __init__(self, *pids: int, rarely: Iterable[int] = ()) -> None:
        self._pids, self._rarely = pids, tuple(rarely)
        self._waited = {pid: _waited_seconds(pid) for pid in (*pids, *self._rarely)}
        self._samples = 0
        self._steal = _steal_seconds()
        self._intervals: list[tuple[float, float]] = []
        self._merged: list[tuple[float, float]] | None = None
        self._before: list[float] = []

    def sample(self, now: float) -> None:
        """Ask the kernel; call every few hundredths of a second. ``now`` is on the test's clock."""
        self._samples += 1
        rarely = self._rarely if self._samples % RARELY == 0 else ()
        for pid in (*self._pids, *rarely):
            before, after = self._waited[pid], _waited_seconds(pid)
            self._waited[pid] = after
            self.note(now - (after - before), now)  # accounted when the wait ends
        steal = _steal_seconds()
        # Which process it hit is not known; the processor that lost most may have run any of them.
        lost = max((new - old for new, old in zip(steal, self._steal, strict=False)), default=0.0)
        self.note(now - lost, now)
        self._steal = steal

    def note(self, start: float, end: float) -> None:
        """Add an interval that is known to be lost."""
        if end - start >= LEAST_SECONDS:
            self._intervals.append((start, end))
            self._merged = None

    def within(self, start: float, end: float) -> float:
        """Return how many seconds between ``start`` and ``end`` were stolen."""
        return self._until(end) - self._until(start)

    def fair_since(self, start: float) -> float:
        """Return the seconds since ``start``, on the monotonic clock, without what was stolen."""
        now = time.monotonic()
        self.sample(now)
        return now - start - self.within(start, now)

    @property
    def total(self) -> float:
        """Seconds stolen so far."""
        return self._until(float("inf"))

    def worst_within(self, span: float) -> float:
        """Return the most that was stolen in any ``span`` seconds so far."""
        return max((self.within(end - span, end) for _, end in self._intervals), default=0.0)

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
    """Return 0 where the kernel does not report it (not Linux) and after the process has ended."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) * NANO
    except (OSError, IndexError):
        return 0.0


def _steal_seconds() -> list[float]:
    """Return what was taken from each processor so far; nothing where the kernel reports none."""
    try:
        lines = Path("/proc/stat").read_text().splitlines()
    except OSError:
        return []
    rows = [line.split() for line in lines if line.startswith("cpu") and line[3:4].isdigit()]
    return [int(row[8]) * TICK_SECONDS for row in rows if len(row) > 8]


@asynccontextmanager
async def watching(*pids: int, rarely: Iterable[int] = ()) -> AsyncIterator[StolenTime]:
    """Collect during the block what is stolen from this process and from the others.

    What this process computes itself is not stolen from it, although its timers are late by that.
    """
    stolen = StolenTime(os.getpid(), *pids, rarely=rarely)
    task = asyncio.create_task(_sample_forever(stolen, time.monotonic()))
    try:
        yield stolen
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _sample_forever(stolen: StolenTime, started: float) -> None:
    now, used = started, time.process_time()
    while True:
        await asyncio.sleep(SAMPLE_SECONDS)
        # Counted from one look at the clock to the next: no standstill falls between two of them.
        due, computed, before = now + SAMPLE_SECONDS, used, now
        now, used = time.monotonic(), time.process_time()
        stolen.note(min(now, max(before, due + used - computed)), now)
        stolen.sample(now)


async def undisturbed(
    attempt: Callable[[], Awaitable[None]],
    *,
    deadline: float,
    pids: Iterable[int] = (),
    attempts: int = ATTEMPTS,
) -> None:
    """Run an attempt that tests a short deadline.

    When a process gets no processor for as long as that, the deadline passes for any code
    under test does: such an attempt shows nothing, and another one is made. A failure for which
    the machine gave no cause is a failure immediately.

    Args:
        attempt: makes everything again that it needs, and leaves nothing when it fails.
        deadline: the shortest one, in seconds; half of it may be stolen without any effect.
        pids: of the processes that take part, besides this one.
        attempts: how many may be disturbed.
    """
    last: Exception | None = None
    for _ in range(attempts):
        async with watching(rarely=pids) as stolen:
            try:
                await attempt()
            except Exception as error:
                last = error
                await asyncio.sleep(2 * SAMPLE_SECONDS)  # the books are kept up to now
                if stolen.worst_within(deadline) < deadline / 2:
                    raise
            else:
                return
    raise AssertionError(f"{attempts} attempts, and in each the machine paused") from last
