"""Which threads have one of the connection's subscriptions when more are read than it may have.

A server limits the subscriptions of a connection (``limits.maxSubscriptions``). A subscription can
be released without loss, because it continues at its position. So readers take turns: the thread
that was used least recently gives its subscription to the one that has waited longest. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

TURN_SECONDS = 0.5  # a subscription is kept at least this long; at most 1 swap in SWAP_SECONDS
SWAP_SECONDS = 0.2  # two commands for each: half of the default rate of 20 per second


@dataclass(slots=True)
class _Held:
    since: float
    used: float


class Slots:
    """Distributes subscriptions.

    Args:
        limit: subscriptions of the connection; can be set.
        is_idle: whether no reader of the thread waits for an event; such a thread needs no
            subscription until one does.
    """

    def __init__(self, limit: int, is_idle: Callable[[UUID], bool]) -> None:
        self.limit = limit
        self._is_idle = is_idle
        self._held: dict[UUID, _Held] = {}
        self._swapped_at = float("-inf")

    def __contains__(self, thread_id: object) -> bool:
        """Return whether the thread has a subscription."""
        return thread_id in self._held

    def __len__(self) -> int:
        """Return the number of threads that have a subscription."""
        return len(self._held)

    @property
    def free(self) -> int:
        """Subscriptions that no thread has."""
        return max(0, self.limit - len(self._held))

    def take(self, thread_id: UUID, now: float) -> None:
        """Note that the thread has a subscription."""
        self._held[thread_id] = _Held(now, now)

    def use(self, thread_id: UUID, now: float) -> None:
        """Note that an event of the thread arrived."""
        if held := self._held.get(thread_id):
            held.used = now

    def release(self, thread_id: UUID) -> None:
        """Note that the thread has no subscription."""
        self._held.pop(thread_id, None)

    def release_all(self) -> None:
        """Note that the connection ended."""
        self._held.clear()

    def refused(self) -> None:
        """Note that the server refused one more subscription: it allows as many as there are."""
        self.limit = max(1, len(self._held))

    def victim(self, now: float) -> UUID | None:
        """Return the thread whose subscription another thread may have now, None: not yet.

        Idle threads come first, then the least recently used.
        """
        by_use = sorted(self._held, key=lambda thread_id: self._held[thread_id].used)
        for thread_id in by_use:
            if now - self._held[thread_id].used >= TURN_SECONDS and self._is_idle(thread_id):
                return thread_id
        if now - self._swapped_at < SWAP_SECONDS:
            return None
        for thread_id in by_use:
            if now - self._held[thread_id].since >= TURN_SECONDS:
                self._swapped_at = now
                return thread_id
        return None
