"""Good and bad events in buckets of time, and the newest value of a measurement. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

BUCKET_SECONDS = 60.0
KEPT_SECONDS = 3 * 86_400.0  # the longest window of the burn rates


@dataclass(slots=True)
class RatioSeries:
    """Events of one ratio; ``buckets`` maps the start of a minute to (good, bad)."""

    buckets: dict[int, tuple[int, int]] = field(default_factory=dict)

    def add(self, now: float, *, good: int = 0, bad: int = 0) -> None:
        """Count events that happened now."""
        key = int(now // BUCKET_SECONDS)
        before = self.buckets.get(key, (0, 0))
        self.buckets[key] = (before[0] + good, before[1] + bad)
        oldest = int((now - KEPT_SECONDS) // BUCKET_SECONDS)
        for old in [one for one in self.buckets if one < oldest]:
            del self.buckets[old]

    def window(self, now: float, seconds: float) -> tuple[int, int]:
        """Return (good, bad) of the last ``seconds``, to whole buckets."""
        first = int((now - seconds) // BUCKET_SECONDS)
        found = [counts for key, counts in self.buckets.items() if key > first]
        return sum(good for good, _ in found), sum(bad for _, bad in found)

    def last_at(self) -> float | None:
        """Return the start of the newest bucket, None without events."""
        filled = [key for key, (good, bad) in self.buckets.items() if good or bad]
        return max(filled) * BUCKET_SECONDS if filled else None

    def to_json(self) -> list[list[int]]:
        """Return the buckets as rows."""
        return [[key, good, bad] for key, (good, bad) in sorted(self.buckets.items())]

    @classmethod
    def from_json(cls, rows: Sequence[Sequence[int]]) -> "RatioSeries":
        """Return what ``to_json`` wrote."""
        return cls({int(key): (int(good), int(bad)) for key, good, bad in rows})


@dataclass(slots=True)
class ValueSeries:
    """The newest value of a measurement, and when it was taken."""

    value: float | None = None
    at: float | None = None

    def set(self, now: float, value: float) -> None:
        """Note a value."""
        self.value, self.at = value, now
