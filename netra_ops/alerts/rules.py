"""What each threshold demands of the series: conditions, true, false or without data. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from netra_ops.alerts.series import BUCKET_SECONDS, RatioSeries, ValueSeries
from netra_ops.alerts.thresholds import Ratio, Severity, Thresholds, Value
from netra_ops.measure.duration import show_duration


class Condition(StrEnum):
    """What a rule says at one moment."""

    TRUE = "true"
    FALSE = "false"
    NO_DATA = "no-data"


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert that can fire.

    Args:
        name: stable; ``connection_success:burn-14.4`` for example.
        signal: of the thresholds.
        severity: critical or warning.
        for_seconds: how long the condition must hold before it fires.
        summary: what is wrong, for a person.
        runbook: page of the repository.
    """

    name: str
    signal: str
    severity: Severity
    for_seconds: float
    summary: str
    runbook: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A rule with its condition and the numbers behind it."""

    rule: Rule
    condition: Condition
    evidence: str


def judge_ratio(
    thresholds: Thresholds, name: str, series: RatioSeries, now: float
) -> Iterator[Judged]:
    """Yield every rule of one ratio: the burn rates, and the absolute one for low traffic."""
    ratio = thresholds.ratios[name]
    last = series.last_at()
    silent = last is None or now - last > thresholds.alerting.no_data_after + BUCKET_SECONDS
    for burn in thresholds.burn:
        limit = thresholds.error_threshold(ratio, burn)
        windows = [series.window(now, seconds) for seconds in (burn.long, burn.short)]
        enough = sum(windows[0]) >= thresholds.minimum_events
        shares = [bad / (good + bad) if good + bad else 0.0 for good, bad in windows]
        holds = enough and all(share >= limit for share in shares)
        condition = Condition.TRUE if holds else Condition.FALSE
        evidence = (
            f"{shares[0]:.1%} errors in {show_duration(burn.long)} and {shares[1]:.1%} in "
            f"{show_duration(burn.short)}; the limit is {limit:.1%}"
        )
        rule = _rule(name, ratio, f"burn-{burn.rate:g}", burn.severity)
        yield Judged(rule, Condition.NO_DATA if silent else condition, evidence)
    low = thresholds.low_traffic
    good, bad = series.window(now, low.within)
    is_low = good + bad < thresholds.minimum_events
    holds = is_low and bad >= low.failures
    evidence = f"{bad} of {good + bad} failed in {show_duration(low.within)}"
    rule = _rule(name, ratio, "low-traffic", low.severity)
    condition = Condition.TRUE if holds else Condition.FALSE
    yield Judged(rule, Condition.NO_DATA if silent else condition, evidence)


def judge_value(
    thresholds: Thresholds, name: str, series: ValueSeries, now: float, *, is_firing: bool
) -> Judged:
    """Return the rule of one value; while it fires, the lower bound counts."""
    value = thresholds.values[name]
    rule = Rule(name, name, "critical", value.for_, value.summary, value.runbook)
    late = series.at is None or now - series.at > thresholds.alerting.no_data_after
    if late or series.value is None:
        return Judged(rule, Condition.NO_DATA, "no measurement")
    bound = _bound(value, is_firing=is_firing)
    condition = Condition.TRUE if series.value > bound else Condition.FALSE
    return Judged(rule, condition, f"{series.value:.3g}; the bound is {bound:g}")


def _bound(value: Value, *, is_firing: bool) -> float:
    return value.clear if is_firing else value.above


def _rule(name: str, ratio: Ratio, kind: str, severity: Severity) -> Rule:
    summary = f"{ratio.summary}: below {ratio.objective:g} %"
    return Rule(f"{name}:{kind}", name, severity, 0.0, summary, ratio.runbook)
