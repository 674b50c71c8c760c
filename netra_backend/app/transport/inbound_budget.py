"""The inbound budget of one connection: frames and bytes per second. Pure.

It counts every frame, including pings, pongs, empty fragments and malformed commands: each costs
parsing time. Limits of commands apply in addition, where commands are decoded.
"""

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class InboundBudget:
    """Sustained rates, and bursts above them."""

    frames_per_second: float
    frame_burst: float
    bytes_per_second: float
    byte_burst: float


class InboundUse:
    """What one connection has left of its budget: two token buckets.

    Attributes:
        frames: frames that may be received now; the parser subtracts those that it completes.
    """

    __slots__ = ("_at", "_budget", "_bytes", "frames")

    def __init__(self, budget: InboundBudget) -> None:
        self._budget = budget
        self._at = -inf
        self._bytes = budget.byte_burst
        self.frames: float = budget.frame_burst

    def allowance(self, now: float, size: int) -> float:
        """Refill both buckets and take ``size`` bytes; return the frames that may be received.

        Args:
            now: monotonic seconds, never smaller than in an earlier call.
            size: length of the received data.

        Returns:
            Number of frames; 0 when the bytes exceed the budget.
        """
        budget, seconds = self._budget, now - self._at
        self._at = now
        self._bytes = min(budget.byte_burst, self._bytes + seconds * budget.bytes_per_second) - size
        frames = min(budget.frame_burst, self.frames + seconds * budget.frames_per_second)
        return frames if self._bytes >= 0 else 0.0
