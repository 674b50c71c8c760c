"""Latencies in HDR histograms: three significant digits, mergeable without loss."""

from typing import Any

from hdrh.histogram import HdrHistogram

LOWEST_MICROSECONDS = 1
HIGHEST_MICROSECONDS = 3_600_000_000  # one hour: a socket's whole life at Cloud Run
SIGNIFICANT_DIGITS = 3  # an error of at most 0.1 % at any size
PERCENTILES = (50.0, 95.0, 99.0, 99.9)
MICROSECONDS = 1_000_000


class Latencies:
    """A histogram of seconds.

    Values outside of 1 µs to 1 h are counted at the nearer bound, so that no sample is lost.
    """

    def __init__(self) -> None:
        self._histogram: Any = HdrHistogram(
            LOWEST_MICROSECONDS, HIGHEST_MICROSECONDS, SIGNIFICANT_DIGITS
        )

    @property
    def count(self) -> int:
        """How many samples were recorded."""
        return int(self._histogram.get_total_count())

    @property
    def longest(self) -> float | None:
        """The longest sample in seconds, to three digits; None without samples."""
        return self._histogram.get_max_value() / MICROSECONDS if self.count else None

    def record(self, seconds: float) -> None:
        """Add one sample."""
        value = round(seconds * MICROSECONDS)
        self._histogram.record_value(min(max(value, LOWEST_MICROSECONDS), HIGHEST_MICROSECONDS))

    def percentile(self, percent: float) -> float | None:
        """Return seconds below which ``percent`` % of the samples are; None without samples."""
        if not self.count:
            return None
        return float(self._histogram.get_value_at_percentile(percent)) / MICROSECONDS

    def merge(self, other: "Latencies") -> None:
        """Add every sample of ``other``."""
        self._histogram.add(other._histogram)  # noqa: SLF001  the same class

    def encode(self) -> str:
        """Return the whole histogram as text (HdrHistogram's V2 encoding, base64)."""
        return str(self._histogram.encode().decode())

    @classmethod
    def decode(cls, text: str) -> "Latencies":
        """Return the histogram that ``encode`` wrote.

        Raises:
            ValueError: ``text`` is no such encoding.
        """
        decoded = cls()
        try:
            decoded._histogram = HdrHistogram.decode(text)
        except Exception as error:  # the library raises a class of its own for each layer
            raise ValueError("not an encoded histogram") from error
        return decoded

    def summary(self) -> dict[str, float | int | None]:
        """Return ``count`` and the percentiles in milliseconds: ``p50Ms``, ..., ``maxMs``."""
        found: dict[str, float | int | None] = {"count": self.count}
        for percent in PERCENTILES:
            name = f"p{percent:g}".replace(".", "")
            found[f"{name}Ms"] = milliseconds(self.percentile(percent))
        found["maxMs"] = milliseconds(self.longest)
        return found


def milliseconds(seconds: float | None) -> float | None:
    """Return milliseconds with two decimals."""
    return None if seconds is None else round(seconds * 1000, 2)
