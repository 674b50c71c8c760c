"""How fast an instance takes new sockets, so that a mass reconnect cannot starve the open ones.

Pure. A handshake costs a signature, a look at the revocations and a ``initialize`` with its
subscriptions, a thousand times what an event to an open socket costs. So handshakes pass at a
configured rate; a short queue smooths small bursts, and whoever would wait longer is refused at
once, before anything was verified, with the time of a slot of its own. The slots follow each
other at the same rate, so a crowd that obeys them is admitted in one pass.
"""

from dataclasses import dataclass, field
from typing import Final

JITTER_SHARE: Final = 0.1  # of the hint: clients round, clocks differ
MIN_JITTER_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class Admitted:
    """Go on after ``wait`` seconds."""

    wait: float


@dataclass(frozen=True, slots=True)
class Deferred:
    """Refuse; the client shall come back after ``retry_after`` seconds."""

    retry_after: float


@dataclass(slots=True)
class Admission:
    """The queue's arithmetic.

    Args:
        rate: handshakes per second.
        burst: handshakes that pass at once after a quiet time.
        max_wait: seconds that a handshake may be held.
        max_hint: longest hint in seconds.
    """

    rate: float
    burst: int
    max_wait: float
    max_hint: float
    _next: float = field(init=False, default=float("-inf"))
    _next_return: float = field(init=False, default=float("-inf"))

    def ask(self, now: float, jitter: float) -> Admitted | Deferred:
        """Decide about one handshake.

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
        if hint >= self.max_hint:  # more than can be promised a slot: spread, and ask again then
            return Deferred(self.max_hint * (1 + jitter) / 2)
        self._next_return = back + 1 / self.rate
        return Deferred(hint + jitter * max(MIN_JITTER_SECONDS, hint * JITTER_SHARE))
