"""When to restart a server that died."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RestartPolicy:
    """Exponential delays with a ceiling; a server that ran long enough is forgiven.

    Args:
        first_seconds: delay before the first restart.
        ceiling_seconds: no delay is longer.
        forgiven_after_seconds: after this uptime the next failure counts as the first.
    """

    first_seconds: float = 0.2
    ceiling_seconds: float = 10.0
    forgiven_after_seconds: float = 30.0

    def delay(self, failures_in_a_row: int) -> float:
        """Return the seconds to wait before the restart after the n-th failure, n from 1."""
        exponent = min(failures_in_a_row - 1, 32)  # 2**32 is past any ceiling; no overflow
        return float(min(self.ceiling_seconds, self.first_seconds * 2**exponent))

    def failures(self, before: int, uptime_seconds: float) -> int:
        """Return the failures in a row after one more, that followed ``uptime_seconds`` of life."""
        return 1 if uptime_seconds >= self.forgiven_after_seconds else before + 1
