"""The deadlines of a session on one timer, which is set to the earliest."""

import asyncio
import random
import time
from collections.abc import Callable

from netra_backend.app.transport.frames import WireFrame
from netra_backend.app.websocket_core import close_codes, responses
from netra_backend.app.websocket_core.close_cause import ServerClose
from netra_backend.app.websocket_core.limits import SocketLimits

INITIALIZE, IDLE = "initialize", "idle"
MAX_AGE, TOKEN = "max_age", "token"  # as `connection.expiring` names them
_WARNING = "_warning"


class SessionTimers:
    """Initialize deadline, idle timeout, maximum age, token expiry.

    One timer per deadline would take a fifth of the memory of an idle connection.

    Args:
        limits: all durations.
        close: ends the session.
        notify: queues a frame.
        delivered_at: returns the time of the latest event on the loop's clock; called when the
            idle timeout is due, so that events need no call here.
    """

    __slots__ = (
        "_active_at", "_at", "_close", "_delivered_at", "_handle", "_limits", "_loop", "_notify",
        "_token_left", "max_age",
    )  # fmt: skip

    def __init__(
        self,
        limits: SocketLimits,
        *,
        close: Callable[[ServerClose], None],
        notify: Callable[[WireFrame], None],
        delivered_at: Callable[[], float],
    ) -> None:
        self._limits = limits
        self._delivered_at = delivered_at
        self._close = close
        self._notify = notify
        self._loop = asyncio.get_running_loop()
        self._at: dict[str, float] = {}  # deadlines on the loop's clock
        self._handle: asyncio.TimerHandle | None = None
        self._active_at = self._loop.time()
        self._token_left = 0.0  # seconds between the warning and the expiry
        jitter = random.random() * limits.max_age_jitter  # noqa: S311  spreading load, no secret
        self.max_age = limits.max_age_seconds * (1 - jitter)

    def start(self, token_expires_at: int) -> None:
        """Start all deadlines; ``token_expires_at`` in unix seconds."""
        now = self._loop.time()
        self._at[INITIALIZE] = now + self._limits.initialize_seconds
        self._at[IDLE] = now + self._limits.idle_seconds
        self._expire(MAX_AGE, now, self.max_age, notice=self._limits.expiry_warning_seconds)
        self.renew_token(token_expires_at)

    def initialized(self) -> None:
        """Cancel the initialize deadline."""
        self._at.pop(INITIALIZE, None)

    def active(self, now: float) -> None:
        """Record activity of the client at ``now`` on the loop's clock."""
        self._active_at = now

    def renew_token(self, token_expires_at: int) -> None:
        """Replace the token expiry; unix seconds."""
        seconds = max(0.0, token_expires_at - time.time())
        # At half of the remaining time at the earliest: otherwise a short-lived token would be
        # announced and renewed immediately, and so would the next one.
        self._token_left = min(self._limits.expiry_warning_seconds, seconds / 2)
        self._expire(TOKEN, self._loop.time(), seconds, notice=self._token_left)
        self._arm()

    def stop(self) -> None:
        """Cancel all deadlines."""
        self._at.clear()
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _expire(self, name: str, now: float, seconds: float, *, notice: float) -> None:
        self._at[name + _WARNING] = now + seconds - notice
        self._at[name] = now + seconds

    def _arm(self) -> None:
        if not self._at:
            return
        earliest = min(self._at.values())
        if self._handle is not None:
            if self._handle.when() <= earliest:
                return  # it fires, finds nothing due and is set again
            self._handle.cancel()
        self._handle = self._loop.call_at(earliest, self._fire)

    def _fire(self) -> None:
        self._handle = None
        now = self._loop.time()
        for name in [name for name, at in self._at.items() if at <= now]:
            if self._at.pop(name, None) is not None:  # an earlier one may have called ``stop``
                self._due(name, now)
        self._arm()

    def _due(self, name: str, now: float) -> None:
        match name:
            case "initialize":
                self._close(ServerClose(close_codes.INITIALIZE_TIMEOUT))
            case "idle":
                until = max(self._active_at, self._delivered_at()) + self._limits.idle_seconds
                if until <= now:
                    self._close(ServerClose(close_codes.IDLE_TIMEOUT))
                else:
                    self._at[IDLE] = until
            case "max_age_warning":
                self._notify(responses.expiring_frame(MAX_AGE, self._limits.expiry_warning_seconds))
            case "max_age":
                self._close(ServerClose(close_codes.MAX_AGE))
            case "token_warning":
                self._notify(responses.expiring_frame(TOKEN, self._token_left))
            case "token":
                self._close(ServerClose(close_codes.TOKEN_EXPIRED))
