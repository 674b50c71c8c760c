"""The pause before a process that ended is restarted. Pure."""

from dataclasses import dataclass


@dataclass(slots=True)
class Backoff:
    """Pauses that double with each consecutive end.

    Args:
        first: the shortest pause, in seconds.
        longest: the longest.
        settled: a process that lived for this long resets the pause.
    """

    first: float
    longest: float
    settled: float
    _next: float = 0.0

    def after(self, lived_seconds: float) -> float:
        """Return the pause after an end that came ``lived_seconds`` after the start."""
        if lived_seconds >= self.settled or not self._next:
            self._next = self.first
        pause = min(self._next, self.longest)
        self._next = min(self._next * 2, self.longest)
        return pause
