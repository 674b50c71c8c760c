"""Ending a run from outside: one reason, told once, kept until the run has ended."""

import math
import time
from enum import StrEnum

from pydantic_ai import CancellationToken


class CancelReason(StrEnum):
    """Why a run is asked to end; stored in ``runs.cancel_reason``."""

    USER = "user"
    SUPERSEDED = "superseded"  # a newer message, sent with ``onBusy: interrupt``
    OPERATOR = "operator"  # an operator stopped the runs that took too long
    THREAD_DELETED = "thread_deleted"
    HANDED_OVER = "handed_over"  # this instance ends, another one goes on: say nothing more
    LEASE_LOST = "lease_lost"  # another instance owns the run now: say nothing more


class RunControl:
    """The handle by which a run is ended; the first reason wins, except that a lost lease does.

    A run that lost its lease must stay silent, whatever else was asked of it before.

    Args:
        lease_until: monotonic seconds until which this process may speak for the run.
    """

    def __init__(self, lease_until: float = math.inf) -> None:
        self.token = CancellationToken()
        self.lease_until = lease_until
        self._reason: CancelReason | None = None
        # Set when the run has its outcome: from then on the row decides whose it is.
        self.ending = False

    @property
    def reason(self) -> CancelReason | None:
        """Why the run was asked to end; None when it was not."""
        return self._reason

    @property
    def fenced(self) -> bool:
        """True when the run is another instance's, or will be: nothing more is said here."""
        return self._reason in {CancelReason.LEASE_LOST, CancelReason.HANDED_OVER}

    def may_speak(self) -> bool:
        """Tell whether the lease still holds; if not, the run is ended.

        Asked before every event: a process that was frozen for longer than its lease must not
        say one more word when it wakes up, and its heartbeat may wake up later than the run.
        """
        if not self.fenced and time.monotonic() > self.lease_until:
            self.cancel(CancelReason.LEASE_LOST)
        return not self.fenced

    def cancel(self, reason: CancelReason) -> None:
        """Ask the run to end; returns at once."""
        if self._reason is None or reason is CancelReason.LEASE_LOST:
            self._reason = reason
        self.token.cancel()
