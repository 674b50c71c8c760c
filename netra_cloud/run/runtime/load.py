"""Measurements that scaling looks at: averages over the last minute."""

import psutil


class MovingAverage:
    """Time-weighted average of a step function, decaying over a window."""

    def __init__(self, window_seconds: float) -> None:
        self._window = window_seconds
        self._average = 0.0
        self._current = 0.0
        self._at: float | None = None

    def set(self, value: float, now: float) -> None:
        """The value is this from now on."""
        self._advance(now)
        self._current = value

    def value(self, now: float) -> float:
        """Return the average."""
        self._advance(now)
        return self._average

    def _advance(self, now: float) -> None:
        if self._at is not None and now > self._at:
            weight = min(1.0, (now - self._at) / self._window)
            self._average += (self._current - self._average) * weight
        self._at = now


class CpuMeter:
    """CPU use of processes since the last call, as a share of one core each."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[float, float]] = {}

    def average(self, pids: list[int], now: float) -> float:
        """Return the mean share; 0 when there is nothing to compare with."""
        shares = []
        after: dict[int, tuple[float, float]] = {}
        for pid in pids:
            try:
                times = psutil.Process(pid).cpu_times()
            except psutil.Error:
                continue
            used = times.user + times.system
            before = self._before.get(pid)
            if before is not None and now - before[0] < 1.0:
                after[pid] = before  # too short for the kernel's clock ticks
                continue
            if before is not None:
                shares.append((used - before[1]) / (now - before[0]))
            after[pid] = (now, used)
        self._before = after
        return sum(shares) / len(shares) if shares else 0.0
