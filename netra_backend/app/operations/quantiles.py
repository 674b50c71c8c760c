"""Percentiles of a recent time window, from cumulative histograms. Pure.

A Prometheus histogram counts observations below each bound since the process started. The
difference of two readings counts the observations between them. A quantile is then interpolated
inside its bucket, as PromQL's ``histogram_quantile`` does, so an instance keeps no samples.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

Buckets = Sequence[tuple[float, float]]  # (upper bound in seconds, cumulative count), +Inf last


def quantile(buckets: Buckets, share: float) -> float | None:
    """Return the ``share`` quantile in seconds, or None where nothing was observed.

    Args:
        buckets: upper bounds ascending, the last one infinite; counts cumulative.
        share: 0 to 1.
    """
    total = buckets[-1][1] if buckets else 0.0
    if total <= 0:
        return None
    rank = share * total
    below, lower = 0.0, 0.0
    for bound, cumulative in buckets:
        if cumulative >= rank and cumulative > below:
            if math.isinf(bound):
                return lower  # the last bucket has no upper bound to interpolate to
            part = (rank - below) / (cumulative - below)
            return min(bound, lower + (bound - lower) * part)  # stay inside despite rounding
        below, lower = cumulative, bound
    return lower


@dataclass(slots=True)
class LatencyWindow:
    """Readings of one histogram over the last ``seconds``.

    Args:
        seconds: length of the window.
    """

    seconds: float
    _readings: deque[tuple[float, tuple[tuple[float, float], ...]]] = field(default_factory=deque)

    def read(self, now: float, buckets: Buckets) -> dict[str, float | int | None]:
        """Add a reading at ``now`` (monotonic seconds) and return the window's percentiles.

        Returns:
            ``count``, and ``p50Ms``, ``p95Ms``, ``p99Ms``: None where nothing was observed.
        """
        self._readings.append((now, tuple(buckets)))
        # The oldest reading kept is the last one at or before the start of the window.
        while len(self._readings) > 1 and self._readings[1][0] <= now - self.seconds:
            self._readings.popleft()
        oldest = dict(self._readings[0][1])
        recent = [(bound, count - oldest.get(bound, 0.0)) for bound, count in buckets]
        return {
            "count": round(recent[-1][1]) if recent else 0,
            **{
                f"p{percent}Ms": _milliseconds(quantile(recent, percent / 100))
                for percent in (50, 95, 99)
            },
        }


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 2)
