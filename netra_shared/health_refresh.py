"""How often the checks run, and when a result is too old to be believed. Pure."""

import random
from dataclasses import dataclass, field

from netra_shared.errors import ConfigurationError
from netra_shared.health_check import ServiceReadinessCheck
from netra_shared.health_state import Hysteresis


@dataclass(frozen=True, slots=True)
class Refresh:
    """The pace of the background refresh. Seconds.

    A fault is seen at most ``interval_seconds`` (with jitter) plus the check's worst case after it
    began; the longest pause is below one second, which is the promise made in
    ``docs/readiness.md``.

    Args:
        interval_seconds: pause between two runs of a check while everything passes.
        failing_interval_seconds: the same while any check does not.
        jitter: each pause is lengthened or shortened by up to this share, so that the instances
            of a fleet do not ask in step.
        stale_margin_seconds: a result is stale when it is older than the check's worst case, the
            longest pause and this margin, which covers a busy event loop.
        stop_seconds: bound on ending the refresh.
        hysteresis: when a check's state changes.
    """

    interval_seconds: float = 0.6
    failing_interval_seconds: float = 0.35
    jitter: float = 0.2
    stale_margin_seconds: float = 2.0
    stop_seconds: float = 1.0
    hysteresis: Hysteresis = field(default_factory=Hysteresis)

    def __post_init__(self) -> None:
        """Refuse a pace that is not one."""
        problems = []
        if not 0 < self.failing_interval_seconds <= self.interval_seconds:
            problems.append("failing_interval_seconds must be above 0 and at most interval_seconds")
        if not 0 <= self.jitter < 1:
            problems.append("jitter is a share, from 0 up to but not including 1")
        if self.stale_margin_seconds <= 0 or self.stop_seconds <= 0:
            problems.append("stale_margin_seconds and stop_seconds must be above 0")
        if problems:
            raise ConfigurationError([f"readiness refresh: {problem}" for problem in problems])

    @property
    def longest_pause_seconds(self) -> float:
        """The longest pause between two runs of one check."""
        return self.interval_seconds * (1 + self.jitter)

    def pause(self, *, failing: bool) -> float:
        """Return the next pause, jittered."""
        return self.jittered(self.failing_interval_seconds if failing else self.interval_seconds)

    def jittered(self, seconds: float) -> float:
        """Return ``seconds``, longer or shorter by up to the jitter."""
        return seconds * random.uniform(1 - self.jitter, 1 + self.jitter)  # noqa: S311  no secret

    def stale_after(self, check: ServiceReadinessCheck) -> float:
        """Return the age at which a result of ``check`` is no longer believed."""
        return check.worst_case_seconds + self.longest_pause_seconds + self.stale_margin_seconds
