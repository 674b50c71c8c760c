"""The life of one alert: pending, firing, kept, resolved. Pure; time is passed in."""

from dataclasses import dataclass, replace
from enum import StrEnum

from netra_ops.alerts.rules import Condition, Rule
from netra_ops.alerts.thresholds import Alerting


class Phase(StrEnum):
    """Where an alert is."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"


class Change(StrEnum):
    """What just happened to an alert, for the sinks."""

    FIRED = "fired"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Life:
    """The state of one alert; times in Unix seconds.

    Args:
        phase: where it is.
        since: when the phase started.
        last_true: when the condition held last.
        no_data_since: since when there is no data; None while there is.
        fired: the latest times at which it fired, oldest first.
        is_no_data: it fires because data is missing.
    """

    phase: Phase = Phase.INACTIVE
    since: float = 0.0
    last_true: float = 0.0
    no_data_since: float | None = None
    fired: tuple[float, ...] = ()
    is_no_data: bool = False

    def is_flapping(self, now: float, alerting: Alerting) -> bool:
        """Whether it fired so often that it is held until it was quiet for longer."""
        flapping = alerting.flapping
        recent = [at for at in self.fired if now - at <= flapping.within]
        return len(recent) >= flapping.firings


def advance(
    life: Life, condition: Condition, rule: Rule, now: float, alerting: Alerting
) -> tuple[Life, Change | None]:
    """Return the next state, and the change that the sinks must hear of.

    An alert without data fires after ``no_data_after``; one that fires keeps firing meanwhile:
    missing data is no recovery.
    """
    if condition is Condition.NO_DATA:
        return _without_data(life, now, alerting)
    life = replace(life, no_data_since=None)
    if condition is Condition.TRUE:
        return _holds(replace(life, last_true=now, is_no_data=False), rule, now, alerting)
    return _ended(life, now, alerting)


def _without_data(life: Life, now: float, alerting: Alerting) -> tuple[Life, Change | None]:
    since = now if life.no_data_since is None else life.no_data_since
    life = replace(life, no_data_since=since)
    if life.phase is Phase.FIRING:
        return life, None
    if now - since < alerting.no_data_after:
        return replace(life, phase=Phase.INACTIVE), None
    return _fire(replace(life, is_no_data=True, last_true=now), now, alerting)


def _holds(life: Life, rule: Rule, now: float, alerting: Alerting) -> tuple[Life, Change | None]:
    if life.phase is Phase.FIRING:
        return life, None
    if life.phase is Phase.INACTIVE:
        life = replace(life, phase=Phase.PENDING, since=now)
    if now - life.since >= rule.for_seconds:
        return _fire(life, now, alerting)
    return life, None


def _fire(life: Life, now: float, alerting: Alerting) -> tuple[Life, Change | None]:
    recent = tuple(at for at in life.fired if now - at <= alerting.flapping.within)
    return replace(life, phase=Phase.FIRING, since=now, fired=(*recent, now)), Change.FIRED


def _ended(life: Life, now: float, alerting: Alerting) -> tuple[Life, Change | None]:
    if life.phase is not Phase.FIRING:
        return replace(life, phase=Phase.INACTIVE), None
    flapping = life.is_flapping(now, alerting)
    keep = alerting.flapping.quiet if flapping else alerting.keep_firing_for
    if life.is_no_data:
        keep = 0.0  # data is back: nothing to keep
    if now - life.last_true < keep:
        return life, None
    return replace(life, phase=Phase.INACTIVE, since=now, is_no_data=False), Change.RESOLVED
