"""Cancellation of a run: the reason, the lease, and the callback that stops the executor."""

import math
import time
from collections.abc import Callable
from enum import StrEnum


class CancelReason(StrEnum):
    """Why a run is cancelled; stored in ``runs.cancel_reason``."""

    USER = "user"
    SUPERSEDED = "superseded"  # a newer message, sent with ``onBusy: interrupt``
    OPERATOR = "operator"  # an operator stopped the runs that took too long
    THREAD_DELETED = "thread_deleted"
    TRANSFERRED = "handed_over"  # another instance continues the run: publish nothing more
    LEASE_LOST = "lease_lost"  # another instance owns the run: publish nothing more


class RunControl:
    """Cancels a run. The first reason wins, except that ``LEASE_LOST`` replaces any other.

    A run that lost its lease must not publish, regardless of an earlier reason.

    Args:
        lease_until: monotonic seconds until which this process may publish for the run.
    """

    def __init__(self, lease_until: float = math.inf) -> None:
        self.lease_until = lease_until
        self._reason: CancelReason | None = None
        self._cancelled = False
        self._callbacks: list[Callable[[], None]] = []
        # Set when the run has its outcome: from then on the database row decides who owns it.
        self.ending = False

    @property
    def reason(self) -> CancelReason | None:
        """Why the run was cancelled; None when it was not."""
        return self._reason

    @property
    def fenced(self) -> bool:
        """True when another instance owns the run or will own it: publish nothing more here."""
        return self._reason in {CancelReason.LEASE_LOST, CancelReason.TRANSFERRED}

    def may_publish(self) -> bool:
        """Return whether the lease is valid; cancel the run when it is not.

        Called before every event: a process that was suspended for longer than its lease must
        not publish when it continues, and its heartbeat may run later than the run.
        """
        if not self.fenced and time.monotonic() > self.lease_until:
            self.cancel(CancelReason.LEASE_LOST)
        return not self.fenced

    def cancel(self, reason: CancelReason) -> None:
        """Cancel the run; returns without waiting for its end."""
        if self._reason is None or reason is CancelReason.LEASE_LOST:
            self._reason = reason
        if not self._cancelled:
            self._cancelled = True
            for callback in self._callbacks:
                callback()

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once when the run is cancelled; immediately when it already is."""
        if self._cancelled:
            callback()
        else:
            self._callbacks.append(callback)
