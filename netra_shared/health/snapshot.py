"""The readiness snapshot: computes pass, warn or fail from the states of the checks.

Pure. A failure makes the instance unready (``fail``, 503) only if leaving the fleet helps:

- it is draining, or its results are stale: another instance can serve;
- a critical check with scope ``instance`` fails: the fault is in this process;
- a critical check fails before the instance was admitted (first ready): a revision that cannot
reach its database must never receive traffic;
- a critical check with scope ``shared`` fails while the other instances report it as passing
(``isolated``): the fault is in the path from this instance.

Any other failure is ``warn`` (degraded, 200), so an outage of PostgreSQL degrades every instance
and does not empty the fleet.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from netra_shared.health.check import FailureScope, ServiceReadinessCheck
from netra_shared.health.state import CheckState


class HealthStatus(StrEnum):
    """The three states, with the names of the health+json draft."""

    PASS = "pass"  # noqa: S105  not a password
    WARN = "warn"
    FAIL = "fail"

    @property
    def ready(self) -> bool:
        """Whether the instance may receive traffic."""
        return self is not HealthStatus.FAIL


_SEVERITY = {HealthStatus.PASS: 0, HealthStatus.WARN: 1, HealthStatus.FAIL: 2}


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check of the report."""

    check: ServiceReadinessCheck
    state: CheckState
    status: HealthStatus
    reason: str  # empty when it passes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The readiness of the instance at one time.

    Args:
        status: the answer to the probes.
        reasons: why the status is not ``pass``, most severe first.
        checks: every check.
        admitted: whether the instance has been ready at least once.
    """

    status: HealthStatus
    reasons: tuple[str, ...]
    checks: tuple[CheckView, ...]
    admitted: bool


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The facts besides the results of the checks that decide the status.

    Args:
        now: on the monitor's clock (monotonic seconds).
        started_at: when the monitor started; the age of a check without a result.
        admitted: whether the instance has been ready before.
        draining: why the instance is draining; empty when it is not.
        stale_after: seconds by check name, see ``netra_shared.health.refresh.Refresh``.
        isolated: checks that fail on this instance while the other instances report them passing.
    """

    now: float
    started_at: float
    admitted: bool
    draining: str
    stale_after: Mapping[str, float]
    isolated: Collection[str] = ()


def compose(
    checks: Sequence[ServiceReadinessCheck],
    states: Mapping[str, CheckState],
    around: Circumstances,
) -> Snapshot:
    """Return the snapshot of ``states``."""
    views = tuple(_view(check, states[check.name], around) for check in checks)
    findings = [
        (view.status, f"{view.check.name}: {view.reason}")
        for view in views
        if view.status is not HealthStatus.PASS
    ]
    if around.draining:
        findings.insert(0, (HealthStatus.FAIL, around.draining))
    findings.sort(key=lambda finding: -_SEVERITY[finding[0]])
    return Snapshot(
        status=findings[0][0] if findings else HealthStatus.PASS,
        reasons=tuple(reason for _, reason in findings),
        checks=views,
        admitted=around.admitted,
    )


def _view(check: ServiceReadinessCheck, state: CheckState, around: Circumstances) -> CheckView:
    status, reason = verdict(check, state, around)
    return CheckView(check, state, status, reason)


def verdict(
    check: ServiceReadinessCheck, state: CheckState, around: Circumstances
) -> tuple[HealthStatus, str]:
    """Return the status of one check and why it is not ``pass``, by the rule of the module."""
    known_at = around.started_at if state.last is None else state.last.finished_at
    age = around.now - known_at
    if age > around.stale_after[check.name]:
        return HealthStatus.FAIL, f"stale, no result for {age:.1f} s"
    if state.passing is None:
        status = HealthStatus.FAIL if check.is_critical else HealthStatus.WARN
        return status, "not checked yet"
    if state.passing:
        return HealthStatus.PASS, ""
    reason = _why(state)
    isolated = check.name in around.isolated
    own = check.scope is FailureScope.INSTANCE or not around.admitted or isolated
    if isolated:
        reason = f"{reason} (the rest of the fleet reaches it)"
    return (HealthStatus.FAIL if check.is_critical and own else HealthStatus.WARN), reason


def _why(state: CheckState) -> str:
    if state.last is None or state.last.passed:
        return "recovering"
    return state.last.output or "failed"
