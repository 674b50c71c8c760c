"""Whether a load test passed, and each reason why not. Pure."""

from dataclasses import dataclass

from netra_ops.load.accounting import Figures
from netra_ops.measure.latencies import milliseconds

# Above this, latencies below it are partly those of the generator itself.
GENERATOR_LAG_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is demanded.

    Args:
        success_rate: percent of the intended operations.
        p99: seconds by step; empty demands none.
    """

    success_rate: float = 95.0
    p99: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement: reasons against it, and remarks that do not decide."""

    reasons: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons


def judge(figures: Figures, thresholds: Thresholds, *, late_imports: float | None) -> Verdict:
    """Return the verdict; a test that sent nothing or does not add up fails."""
    reasons = [f"the accounting does not balance: {one}" for one in figures.imbalances()]
    rate = figures.success_rate
    if not figures.ok:
        reasons.append("no operation succeeded")
    elif rate is not None and rate < thresholds.success_rate:
        reasons.append(
            f"{rate:.2f} % of the intended operations succeeded, "
            f"{thresholds.success_rate:g} % are demanded"
        )
    if thresholds.p99 is not None:
        for name, latencies in sorted(figures.steps.items()):
            p99 = latencies.percentile(99)
            if p99 is not None and p99 > thresholds.p99:
                limit = milliseconds(thresholds.p99)
                reasons.append(f"{name}: p99 is {milliseconds(p99)} ms, above {limit} ms")
    if late_imports:
        reasons.append(f"{late_imports:.0f} module(s) were imported under load; 0 are allowed")
    remarks = []
    lag = figures.lag.percentile(99)
    if lag is not None and lag > GENERATOR_LAG_SECONDS:
        remarks.append(
            f"the load generator itself was late by {milliseconds(lag)} ms (p99): use more "
            "--workers, or another machine"
        )
    if late_imports is None:
        remarks.append("late imports were not read: the backend is not of this machine's stack")
    return Verdict(tuple(reasons), tuple(remarks))
