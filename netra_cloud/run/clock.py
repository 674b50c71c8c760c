"""Google's durations, shortened for tests."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Clock:
    """Turns a documented duration into one of this machine.

    Attributes:
        factor: how many documented seconds pass in a real one.
    """

    factor: float = 1.0

    def real(self, documented: float) -> float:
        """Return how long a documented duration lasts here, in seconds."""
        return documented / self.factor

    @staticmethod
    def now() -> str:
        """Return the time as RFC 3339, UTC, microseconds."""
        return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
