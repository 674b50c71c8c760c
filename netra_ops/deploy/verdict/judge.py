"""Pass, fail or inconclusive: the judgement of a canary's evidence."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil, exp, log

from netra_ops.deploy.verdict.evidence import Evidence

# Never sent on purpose by this platform: one is a defect, in any release.
FATAL_CLASSES = frozenset({"close_1011"})
# The platform and the network produce these for any release (a cold start, a full queue, a restart
# of the edge): only their number counts. One 503 must not refuse a release.
TRANSIENT_CLASSES = frozenset({"http_429", "http_502", "http_503", "timeout", "close_1012"})
MINIMUM_EVENTS = 50
BOUND_QUANTILES = (0.5, 0.9, 0.99)
_MOST_SHOWN = 700.0  # exp of more overflows a float


class Outcome(StrEnum):
    """What the evidence says by now."""

    PASS = "pass"  # noqa: S105  # the outcome's name
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Policy:
    """How a canary is judged.

    Attributes:
        false_alarm: the probability that a release like the former one is ever refused; errors and
            latency get half of it each.
        minimum_events: attempts that each arm needs before anything but a fatal class counts.
        fatal: error classes of which one is enough.
    """

    false_alarm: float = 0.01
    minimum_events: int = MINIMUM_EVENTS
    fatal: Collection[str] = FATAL_CLASSES

    def __post_init__(self) -> None:
        if not 0 < self.false_alarm < 1:
            raise ValueError(f"false_alarm must be between 0 and 1, not {self.false_alarm}")
        if self.minimum_events < 1:
            raise ValueError(f"minimum_events must be at least 1, not {self.minimum_events}")

    @property
    def threshold(self) -> float:
        """The logarithm of the e-value at which one of the two tests refuses the release."""
        return log(2 / self.false_alarm)


@dataclass(frozen=True)
class Verdict:
    """The judgement with its reason.

    Attributes:
        outcome: pass, fail or inconclusive.
        reason: one line for people.
        error_e_value: how many times likelier the error counts are under "worse" than "equal".
        slow_e_value: the same for latency.
        refuse_at: the e-value at which the release is refused.
        unseen: error classes that the former release has never shown.
    """

    outcome: Outcome
    reason: str
    error_e_value: float
    slow_e_value: float
    refuse_at: float
    unseen: tuple[str, ...] = field(default=())


def judge(evidence: Evidence, policy: Policy, known_classes: Collection[str] = ()) -> Verdict:
    """Judge what was seen so far; may be called after every interval.

    Args:
        evidence: of all intervals since the first shift.
        policy: the bounds.
        known_classes: error classes on record for the former release, beside those that its arm
            shows in this canary.
    """
    seen = {*TRANSIENT_CLASSES, *known_classes, *evidence.baseline.failures}
    unseen = tuple(sorted(set(evidence.canary.failures) - seen))
    fatal = sorted(set(evidence.canary.failures) & set(policy.fatal))

    def verdict(outcome: Outcome, reason: str) -> Verdict:
        return Verdict(
            outcome,
            reason,
            exp(min(evidence.error_evidence, _MOST_SHOWN)),
            exp(min(evidence.slow_evidence, _MOST_SHOWN)),
            exp(policy.threshold),
            unseen,
        )

    if fatal:
        return verdict(Outcome.FAIL, f"{fatal[0]} is never acceptable and was seen")
    events = min(evidence.baseline.attempts, evidence.canary.attempts)
    if events < policy.minimum_events:
        missing = f"{events} of {policy.minimum_events} events in the smaller arm"
        return verdict(Outcome.INCONCLUSIVE, missing)
    if unseen:
        return verdict(Outcome.FAIL, f"error class never seen before: {', '.join(unseen)}")
    if evidence.error_evidence >= policy.threshold:
        return verdict(Outcome.FAIL, f"fails more often: {_rates(evidence)}")
    if evidence.slow_evidence >= policy.threshold:
        return verdict(Outcome.FAIL, f"is slower: {_slow(evidence)}")
    return verdict(Outcome.PASS, f"no worse: {_rates(evidence)}")


def latency_bounds(seconds: Sequence[float]) -> tuple[float, ...]:
    """Return the bounds of a canary from latencies of the former release, taken before the shift.

    The bounds must be fixed before the first interval: chosen from the same data they would break
    the guarantee. Empty without data.
    """
    if not seconds:
        return ()
    ordered = sorted(seconds)
    return tuple(ordered[ceil(quantile * len(ordered)) - 1] for quantile in BOUND_QUANTILES)


def _rates(evidence: Evidence) -> str:
    canary, baseline = evidence.canary, evidence.baseline
    return (
        f"{canary.failed} of {canary.attempts} failed, "
        f"{baseline.failed} of {baseline.attempts} on the former release"
    )


def _slow(evidence: Evidence) -> str:
    strongest = max(range(len(evidence.slowness)), key=lambda n: max(evidence.slowness[n]))
    canary, baseline = evidence.canary, evidence.baseline
    return (
        f"{canary.slow[strongest]} of {canary.attempts} above the bound "
        f"p{round(BOUND_QUANTILES[strongest] * 100)} of the former release, "
        f"{baseline.slow[strongest]} of {baseline.attempts} there"
    )
