"""Commands per second of one connection: a token bucket."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class TokenBucket:
    """A bucket of up to ``burst`` tokens, refilled at ``rate`` per second."""

    rate: float
    burst: int
    _tokens: float = field(init=False)
    _at: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._tokens = float(self.burst)

    def take(self, now: float) -> float:
        """Return 0 when the command may run, else the seconds until the next one may.

        Args:
            now: a monotonic clock's reading in seconds.
        """
        if self._at:
            self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self.rate
