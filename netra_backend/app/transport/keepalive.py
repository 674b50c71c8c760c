"""Finds peers that are gone without a word: pings, and a deadline for a sign of life."""

import asyncio
from collections.abc import Callable


class Keepalive:
    """Pings at an interval and reports a peer that stays silent.

    Any data that arrives after a ping counts as its pong: a pong can wait behind a message that
    is being sent.

    Args:
        interval: seconds between pings.
        timeout: seconds from a ping to the deadline; ``None`` pings without a deadline.
        ping: sends one.
        dead: called once, when the deadline passed in silence.
        listening: whether what arrives can be seen at present; while reading is held for
            back-pressure the deadline proves nothing and is put off.
    """

    __slots__ = ("_dead", "_heard", "_interval", "_listening", "_ping", "_timeout", "_timer")

    def __init__(
        self,
        *,
        interval: float,
        timeout: float | None,
        ping: Callable[[], None],
        dead: Callable[[], None],
        listening: Callable[[], bool],
    ) -> None:
        self._interval = interval
        self._timeout = timeout
        self._ping = ping
        self._dead = dead
        self._listening = listening
        self._heard = False
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Start; the first ping follows after one interval."""
        self._later(self._interval, self._send)

    def heard(self) -> None:
        """Note that something arrived."""
        self._heard = True

    def stop(self) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _send(self) -> None:
        self._heard = False
        self._ping()
        if self._timeout is None:
            self._later(self._interval, self._send)
        else:
            self._later(self._timeout, self._check)

    def _check(self) -> None:
        if self._heard or not self._listening():
            self._later(max(0.0, self._interval - (self._timeout or 0.0)), self._send)
        else:
            self._timer = None
            self._dead()

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, action)
