"""Detects lost peers: pings at an interval, and a deadline for any data after a ping. Pure."""

from enum import Enum, auto
from math import inf


class Due(Enum):
    """Result of a tick."""

    NOTHING = auto()
    PING = auto()
    UNRESPONSIVE = auto()


class Keepalive:
    """The schedule of one connection's pings.

    Any data that arrives after a ping counts as its pong: a pong can wait behind a message that
    is being sent.

    Args:
        interval: seconds between pings.
        timeout: seconds from a ping to its deadline; ``None``: no deadline.
        now: monotonic seconds; the first ping follows after one interval.

    Attributes:
        heard: whether data arrived after the latest ping; set by the owner.
        wake_at: time of the next tick.
    """

    __slots__ = ("_interval", "_timeout", "_waiting", "heard", "wake_at")

    def __init__(self, interval: float, timeout: float | None, now: float) -> None:
        self._interval = interval
        self._timeout = timeout
        self._waiting = False
        self.heard = False
        self.wake_at = now + interval

    def tick(self, now: float, *, listening: bool) -> Due:
        """Return what is due at ``now``.

        Args:
            now: monotonic seconds.
            listening: whether received data is read now. While reading is paused for
                back-pressure a missing pong proves nothing.
        """
        if now < self.wake_at:
            return Due.NOTHING
        if not self._waiting:
            self.heard = False
            self._waiting = self._timeout is not None
            self.wake_at = now + (self._interval if self._timeout is None else self._timeout)
            return Due.PING
        self._waiting = False
        if self.heard or not listening:
            self.wake_at = now + max(0.0, self._interval - (self._timeout or 0.0))
            return Due.NOTHING
        self.wake_at = inf
        return Due.UNRESPONSIVE
