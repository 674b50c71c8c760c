"""A session's clock: deadlines as timer handles, which cost no task each."""

import asyncio
import random
import time
from collections.abc import Callable

from netra_backend.app.websocket_core import answers, close_codes
from netra_backend.app.websocket_core.closing import ServerClose
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.websocket_core.transport.frames import WireFrame


class SessionTimers:
    """Initialize deadline, idle timeout, maximum age, token expiry.

    Args:
        limits: all durations.
        close: ends the session.
        notify: queues a frame.
    """

    def __init__(
        self,
        limits: SocketLimits,
        *,
        close: Callable[[ServerClose], None],
        notify: Callable[[WireFrame], None],
    ) -> None:
        self._limits = limits
        self._close = close
        self._notify = notify
        self._loop = asyncio.get_running_loop()
        self._handles: dict[str, asyncio.TimerHandle] = {}
        self._active_at = self._loop.time()
        jitter = random.random() * limits.max_age_jitter  # noqa: S311  spreading load, no secret
        self.max_age = limits.max_age_seconds * (1 - jitter)

    def start(self, token_expires_at: int) -> None:
        """Begin to count; ``token_expires_at`` in unix seconds."""
        self._later(
            "initialize",
            self._limits.initialize_seconds,
            lambda: self._close(ServerClose(close_codes.INITIALIZE_TIMEOUT)),
        )
        self._later("idle", self._limits.idle_seconds, self._check_idle)
        self._expire("max_age", self.max_age, close_codes.MAX_AGE)
        self.renew_token(token_expires_at)

    def initialized(self) -> None:
        """The client has introduced itself."""
        self._cancel("initialize")

    def active(self, now: float) -> None:
        """Something was received or sent, at ``now`` of the loop's clock."""
        self._active_at = now

    def renew_token(self, token_expires_at: int) -> None:
        """Count down to another expiry, in unix seconds."""
        self._expire("token", token_expires_at - time.time(), close_codes.TOKEN_EXPIRED)

    def stop(self) -> None:
        """Cancel every timer."""
        for handle in self._handles.values():
            handle.cancel()
        self._handles.clear()

    def _expire(self, reason: str, seconds: float, code: close_codes.CloseCode) -> None:
        warn_at = max(0.0, seconds - self._limits.expiry_warning_seconds)
        left = min(max(0.0, seconds), self._limits.expiry_warning_seconds)
        self._later(
            f"{reason}_warning", warn_at, lambda: self._notify(answers.expiring_frame(reason, left))
        )
        self._later(reason, max(0.0, seconds), lambda: self._close(ServerClose(code)))

    def _check_idle(self) -> None:
        silent = self._loop.time() - self._active_at
        if silent >= self._limits.idle_seconds:
            self._close(ServerClose(close_codes.IDLE_TIMEOUT))
        else:
            self._later("idle", self._limits.idle_seconds - silent, self._check_idle)

    def _later(self, name: str, seconds: float, action: Callable[[], None]) -> None:
        self._cancel(name)
        self._handles[name] = self._loop.call_later(seconds, action)

    def _cancel(self, name: str) -> None:
        handle = self._handles.pop(name, None)
        if handle is not None:
            handle.cancel()
