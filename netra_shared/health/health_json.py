"""Health documents in the shape of ``application/health+json``.

The format is draft-inadarei-api-health-check-06, an expired Internet-Draft: ``pass``, ``warn``,
``fail``, and ``checks`` by ``component:measurement``. Further members (``attempts``,
``lastChange``, ``budget`` ...) are extensions, which the draft permits.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from netra_shared.health.budget import READINESS_BUDGET_SECONDS, worst_case_seconds
from netra_shared.health.snapshot import CheckView, HealthStatus, Snapshot

HEALTH_TYPE = "application/health+json"

JsonObject = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Identity:
    """The instance that answers.

    Args:
        service: ``K_SERVICE`` or the service's own name.
        revision: ``K_REVISION``; empty outside Cloud Run.
        instance: the id of this process.
    """

    service: str
    revision: str
    instance: str


def terse(status: HealthStatus, identity: Identity) -> JsonObject:
    """Return the public document: the state and the service, without details."""
    document: JsonObject = {
        "status": status.value,
        "version": "1",
        "serviceId": identity.service,
        "instanceId": identity.instance,
    }
    if identity.revision:
        document["releaseId"] = identity.revision
    return document


def detailed(snapshot: Snapshot, identity: Identity) -> JsonObject:
    """Return the complete readiness report, for operators."""
    document = terse(snapshot.status, identity)
    if snapshot.reasons:
        document["output"] = "; ".join(snapshot.reasons)
    document["admitted"] = snapshot.admitted
    document["budget"] = {
        "readinessSeconds": READINESS_BUDGET_SECONDS,
        "worstCaseSeconds": worst_case_seconds(view.check for view in snapshot.checks),
    }
    document["checks"] = {
        f"{view.check.name}:responseTime": [_check(view)] for view in snapshot.checks
    }
    return document


def _check(view: CheckView) -> JsonObject:
    check, state = view.check, view.state
    entry: JsonObject = {
        "componentId": check.name,
        "componentType": check.component_type,
        "status": view.status.value,
        "description": check.description,
        "critical": check.is_critical,
        "scope": check.scope.value,
        "budget": {
            "timeoutSeconds": check.timeout_seconds,
            "retryCount": check.retry_count,
            "retryDelaySeconds": check.retry_delay,
            "worstCaseSeconds": check.worst_case_seconds,
        },
        "lastChange": _timestamp(state.changed_time),
        "recentFalls": len(state.falls),
    }
    if state.last is not None:
        entry["observedValue"] = round(state.last.elapsed_seconds * 1000, 1)
        entry["observedUnit"] = "ms"
        entry["time"] = _timestamp(state.last.time)
        entry["attempts"] = state.last.attempts
        if state.last.passed and state.last.output:
            entry["note"] = state.last.output
    if view.reason:
        entry["output"] = view.reason
    return entry


def _timestamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds")
