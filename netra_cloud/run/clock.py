"""Google's durations, shortened for tests."""

from dataclasses import dataclass
from datetime import UTC, datetime

MAX_START_FACTOR = 20.0  # the default budget of 240 s is 12 s then


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

    def real_start(self, documented: float) -> float:
        """Return how long a startup budget lasts here, in seconds.

        A process does not start faster because a clock runs faster, so a budget is shortened at
        most ``MAX_START_FACTOR`` times.
        """
        return documented / min(self.factor, MAX_START_FACTOR)

    @staticmethod
    def now() -> str:
        """Return the time as RFC 3339, UTC, microseconds."""
        return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
