"""What both arms did in one interval, and what a canary's evidence adds up to."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from netra_ops.deploy.verdict.tables import Table, log_likelihood_ratios, log_sum

# Odds ratios of the alternatives, mixed with equal weights: a mixture of supermartingales is one.
# 1.5 finds slow burns with enough data, 16 finds a broken release within a few dozen events.
ALTERNATIVES = (1.5, 2.0, 4.0, 16.0)
_NO_EVIDENCE = (0.0,) * len(ALTERNATIVES)


@dataclass(frozen=True)
class Attempt:
    """One use of the service: a request, a handshake or a run.

    Attributes:
        seconds: how long it took.
        failure: the class of its error, such as ``http_503`` or ``close_1011``; empty when it
            succeeded.
    """

    seconds: float
    failure: str = ""


@dataclass(frozen=True)
class Arm:
    """One release in one interval.

    Attributes:
        attempts: how many uses.
        failures: counts by error class.
        slow: for each latency bound of the canary, how many attempts were slower.
    """

    attempts: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)
    slow: tuple[int, ...] = ()

    @property
    def failed(self) -> int:
        """The number of attempts that failed."""
        return sum(self.failures.values())


def arm_of(attempts: Iterable[Attempt], bounds: tuple[float, ...]) -> Arm:
    """Return the counts of some attempts; a failed attempt counts as slow for every bound."""
    listed = list(attempts)
    failures = Counter(attempt.failure for attempt in listed if attempt.failure)
    slow = tuple(
        sum(1 for attempt in listed if attempt.failure or attempt.seconds > bound)
        for bound in bounds
    )
    return Arm(len(listed), dict(failures), slow)


@dataclass(frozen=True)
class Evidence:
    """The sum of all intervals: counts to show, and the logarithms of the likelihood ratios.

    Attributes:
        baseline: totals of the release that served before.
        canary: totals of the release on trial.
        errors: per alternative, evidence that the canary fails more often.
        slowness: per latency bound and alternative, evidence that it is slower.
    """

    baseline: Arm = field(default_factory=Arm)
    canary: Arm = field(default_factory=Arm)
    errors: tuple[float, ...] = _NO_EVIDENCE
    slowness: tuple[tuple[float, ...], ...] = ()

    @property
    def error_evidence(self) -> float:
        """The natural logarithm of the e-value for errors."""
        return _mixture(self.errors)

    @property
    def slow_evidence(self) -> float:
        """The natural logarithm of the e-value for latency: the average over all bounds."""
        if not self.slowness:
            return 0.0
        return _mixture(tuple(value for bound in self.slowness for value in bound))

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values; ``from_json`` reads them back without loss."""
        return {
            "baseline": _arm_json(self.baseline),
            "canary": _arm_json(self.canary),
            "errors": list(self.errors),
            "slowness": [list(bound) for bound in self.slowness],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Evidence":
        """Read what ``to_json`` wrote."""
        return cls(
            _arm_from(value["baseline"]),
            _arm_from(value["canary"]),
            tuple(value["errors"]),
            tuple(tuple(bound) for bound in value["slowness"]),
        )


def add(evidence: Evidence, baseline: Arm, canary: Arm) -> Evidence:
    """Return the evidence with one more interval."""
    errors = Table(baseline.attempts, baseline.failed, canary.attempts, canary.failed)
    slowness = evidence.slowness or tuple(_NO_EVIDENCE for _ in canary.slow)
    return Evidence(
        _plus(evidence.baseline, baseline),
        _plus(evidence.canary, canary),
        _with(evidence.errors, errors),
        tuple(
            _with(former, Table(baseline.attempts, slow[0], canary.attempts, slow[1]))
            for former, *slow in zip(slowness, baseline.slow, canary.slow, strict=True)
        ),
    )


def _with(former: tuple[float, ...], table: Table) -> tuple[float, ...]:
    ratios = log_likelihood_ratios(table, ALTERNATIVES)
    return tuple(value + ratio for value, ratio in zip(former, ratios, strict=True))


def _mixture(values: tuple[float, ...]) -> float:
    return log_sum(values) - log_sum([0.0] * len(values))


def _plus(one: Arm, other: Arm) -> Arm:
    slow = one.slow or (0,) * len(other.slow)
    return Arm(
        one.attempts + other.attempts,
        dict(Counter(one.failures) + Counter(other.failures)),
        tuple(a + b for a, b in zip(slow, other.slow, strict=True)),
    )


def _arm_json(arm: Arm) -> dict[str, Any]:
    return {"attempts": arm.attempts, "failures": dict(arm.failures), "slow": list(arm.slow)}


def _arm_from(value: Mapping[str, Any]) -> Arm:
    return Arm(value["attempts"], dict(value["failures"]), tuple(value["slow"]))
