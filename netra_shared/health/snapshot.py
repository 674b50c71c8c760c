"""The readiness snapshot: from the checks' states to pass, warn or fail. Pure.

The rule, in one place. A failure makes the instance unready (``fail``, 503) only when leaving the
fleet helps:

- it is draining, or its own view is stale: another instance serves better;
- a critical check with scope ``instance`` fails: the fault is this process's own;
- a critical check fails before the instance was admitted (ready for the first time): a revision
  that cannot reach its database must never receive traffic;
- a critical check with scope ``shared`` fails here while the other instances report that it works
  for them (``isolated``): the fault is the path from here.

Everything else is ``warn`` (degraded, 200). So an outage of PostgreSQL degrades every instance and
empties none.
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
        """True when the instance may receive traffic."""
        return self is not HealthStatus.FAIL


_SEVERITY = {HealthStatus.PASS: 0, HealthStatus.WARN: 1, HealthStatus.FAIL: 2}


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check as the report shows it."""

    check: ServiceReadinessCheck
    state: CheckState
    status: HealthStatus
    reason: str  # empty when it passes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The instance's readiness at one moment.

    Args:
        status: what the probes get.
        reasons: why it is not ``pass``, most severe first.
        checks: every check.
        admitted: whether the instance has been ready at least once.
    """

    status: HealthStatus
    reasons: tuple[str, ...]
    checks: tuple[CheckView, ...]
    admitted: bool


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What, beside the checks' results, decides the verdict.

    Args:
        now: on the monitor's clock (monotonic seconds).
        started_at: when the monitor started; the age of a check without a result.
        admitted: whether the instance has been ready before.
        draining: why the instance is leaving; empty when it stays.
        stale_after: seconds by check name, see ``health_refresh.Refresh``.
        isolated: checks that fail here while the rest of the fleet reports them passing.
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
    """Return the status of one check and why it is not ``pass``; the rule of the module."""
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
