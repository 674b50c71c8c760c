"""Limits the rate of new connections, so that a mass reconnect cannot starve the open ones.

Pure. A handshake needs a signature check, a revocation look-up and an ``initialize`` with its
subscriptions, a thousand times the cost of an event on an open connection. Handshakes therefore
pass at a configured rate. A short queue smooths small bursts; a handshake that would wait longer
is refused immediately with the time of a slot. The slots follow each other at the same rate, so
clients that obey the hint are admitted in one pass.
"""

from dataclasses import dataclass, field
from typing import Final

JITTER_SHARE: Final = 0.1  # of the hint: clients round, clocks differ
MIN_JITTER_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class Admitted:
    """Continue after ``wait`` seconds."""

    wait: float


@dataclass(frozen=True, slots=True)
class Deferred:
    """Refuse; the client retries after ``retry_after`` seconds."""

    retry_after: float


@dataclass(slots=True)
class Admission:
    """The queue's arithmetic.

    Args:
        rate: handshakes per second.
        burst: handshakes that pass without a wait after an idle time.
        max_wait: longest wait of a handshake in seconds.
        max_hint: longest hint in seconds.
    """

    rate: float
    burst: int
    max_wait: float
    max_hint: float
    _next: float = field(init=False, default=float("-inf"))
    _next_return: float = field(init=False, default=float("-inf"))

    def ask(self, now: float, jitter: float) -> Admitted | Deferred:
        """Admit or defer one handshake.

        Args:
            now: a monotonic clock's reading in seconds.
            jitter: a random number in [0, 1).
        """
        slot = max(self._next, now - (self.burst - 1) / self.rate)
        wait = max(0.0, slot - now)
        if wait <= self.max_wait:
            self._next = slot + 1 / self.rate
            return Admitted(wait)
        back = max(self._next_return, slot)
        hint = back - now
        if hint >= self.max_hint:  # no slot within the longest hint: spread the retries
            return Deferred(self.max_hint * (1 + jitter) / 2)
        self._next_return = back + 1 / self.rate
        return Deferred(hint + jitter * max(MIN_JITTER_SECONDS, hint * JITTER_SHARE))
