"""Limits the rate of new connections, so that a mass reconnect cannot starve the open ones.

Pure. A connection needs a revocation look-up and an ``initialize`` with its subscriptions, a
thousand times the cost of an event on an open connection. Authenticated handshakes therefore get
slots that follow each other at a configured rate. A handshake whose slot is near waits for it.
Another one is refused with the time until its slot, which stays reserved for its sign-in: a client
that returns in time is admitted, and one that returns early gets no better slot.
"""

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

GRACE_SECONDS: Final = 10.0  # a reserved slot is kept this long for a client that is late
MAX_KEYS: Final = 4096  # sign-ins with reservations, before expired ones are removed


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
    """The sequence of slots.

    Args:
        rate: handshakes per second.
        burst: handshakes that pass without a wait after an idle time.
        max_wait: longest wait of a handshake in seconds.
        max_hint: longest hint in seconds; slots beyond it are not reserved.
        max_reserved: most slots reserved for one key; a sign-in can have several connections.
    """

    rate: float
    burst: int
    max_wait: float
    max_hint: float
    max_reserved: int = 20
    _next: float = field(init=False, default=float("-inf"))
    _reserved: dict[Hashable, deque[float]] = field(init=False, default_factory=dict)

    def ask(self, key: Hashable, now: float, jitter: float) -> Admitted | Deferred:
        """Admit or defer one handshake.

        Args:
            key: whose handshake it is; reservations belong to the key.
            now: monotonic seconds.
            jitter: a random number in [0, 1).
        """
        reserved = self._reservations(key, now)
        if reserved and reserved[0] - now <= self.max_wait:
            slot = reserved.popleft()
            if not reserved:
                del self._reserved[key]
            return Admitted(max(0.0, slot - now))
        if len(reserved) >= self.max_reserved:
            return Deferred(reserved[0] - now)
        slot = max(self._next, now - (self.burst - 1) / self.rate)
        wait = max(0.0, slot - now)
        if wait >= self.max_hint:  # no slot within the longest hint: spread the retries
            return Deferred(self.max_hint * (1 + jitter) / 2)
        self._next = slot + 1 / self.rate
        if wait <= self.max_wait:
            return Admitted(wait)
        self._reserved.setdefault(key, reserved).append(slot)
        return Deferred(wait)

    def _reservations(self, key: Hashable, now: float) -> deque[float]:
        """Return the reservations of ``key`` that have not expired."""
        if len(self._reserved) > MAX_KEYS:
            kept = {k: s for k, s in self._reserved.items() if s[-1] >= now - GRACE_SECONDS}
            self._reserved = kept
        reserved = self._reserved.get(key)
        if reserved is None:
            return deque()
        while reserved and reserved[0] < now - GRACE_SECONDS:
            reserved.popleft()
        return reserved
