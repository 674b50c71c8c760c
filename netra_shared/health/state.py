"""The state of a check over time: failing, recovering, and flap damping. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from netra_shared.health.check import CheckResult

_MAX_REMEMBERED_FALLS = 8  # the hold reaches its bound long before


@dataclass(frozen=True, slots=True)
class Hysteresis:
    """The rule for changing the state of a check.

    A failed result has already been retried, so one is enough to fail. The first recovery is quick.
    A check that fails again within ``flap_window_seconds`` must then pass without interruption for
    ``hold_seconds``, doubled for each further failure up to ``max_hold_seconds``.
    ``netra_shared.health.refresh.Refresh`` has the defaults.

    Args:
        failures_to_fall: failed results in a row that turn a passing check into a failing one.
        passes_to_recover: passed results in a row that turn it back.
        flap_window_seconds: how long a failure counts.
        hold_seconds: uninterrupted passing required after the second failure within the window.
        max_hold_seconds: bound of the doubling.
    """

    failures_to_fall: int
    passes_to_recover: int
    flap_window_seconds: float
    hold_seconds: float
    max_hold_seconds: float

    def hold(self, falls: int) -> float:
        """Return the seconds of uninterrupted passing required after ``falls`` in the window."""
        if falls <= 1:
            return 0.0
        return min(self.max_hold_seconds, self.hold_seconds * 2.0 ** (falls - 2))


@dataclass(frozen=True, slots=True)
class CheckState:
    """The concluded state of one check.

    Args:
        passing: None before the first result.
        last: the newest result.
        changed_at: when ``passing`` changed, on the monitor's clock; ``changed_time`` in UTC.
        streak: results in a row that contradict ``passing``.
        streak_started_at: when the first of them finished.
        falls: when the check fell within the flap window, oldest first.
    """

    passing: bool | None = None
    last: CheckResult | None = None
    changed_at: float = 0.0
    changed_time: datetime | None = None
    streak: int = 0
    streak_started_at: float = 0.0
    falls: tuple[float, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether the check passes at the first attempt and no result contradicts it."""
        return bool(self.passing) and self.last is not None and self.last.passed


def observe(state: CheckState, result: CheckResult, hysteresis: Hysteresis) -> CheckState:
    """Return the state after ``result``. The first result decides immediately."""
    now = result.finished_at
    oldest = now - hysteresis.flap_window_seconds
    falls = tuple(at for at in state.falls if at > oldest)
    seen = replace(state, last=result, falls=falls)
    if state.passing is None:
        return _change(seen, result)
    if result.passed == state.passing:
        return replace(seen, streak=0)
    started = now if state.streak == 0 else state.streak_started_at
    contradicted = replace(seen, streak=state.streak + 1, streak_started_at=started)
    if _convincing(contradicted, now, hysteresis):
        return _change(contradicted, result)
    return contradicted


def _convincing(state: CheckState, now: float, hysteresis: Hysteresis) -> bool:
    if state.passing:
        return state.streak >= hysteresis.failures_to_fall
    long_enough = now - state.streak_started_at >= hysteresis.hold(len(state.falls))
    return state.streak >= hysteresis.passes_to_recover and long_enough


def _change(state: CheckState, result: CheckResult) -> CheckState:
    falls = state.falls
    if not result.passed:
        falls = (*falls, result.finished_at)[-_MAX_REMEMBERED_FALLS:]
    return replace(
        state,
        passing=result.passed,
        changed_at=result.finished_at,
        changed_time=result.time,
        streak=0,
        falls=falls,
    )
