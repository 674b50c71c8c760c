"""Alerts as the receivers want them. Pure.

Sources: Alertmanager API v2 (https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml)
and Slack's incoming webhooks (https://api.slack.com/messaging/webhooks).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from netra_ops.alerts.board import Alert

# An alert that is sent again every interval ends in Alertmanager when its endsAt passes. With less
# than a few intervals ahead, one slow request resolves an alert that fires.
INTERVALS_AHEAD = 4


def labels_of(alert: Alert, environment: str) -> dict[str, str]:
    """Return the labels that identify the alert; two alerts with the same ones are one."""
    return {
        "alertname": f"Netra_{alert.rule.name.replace(':', '_').replace('-', '_')}",
        "rule": alert.rule.name,
        "signal": alert.rule.signal,
        "severity": alert.rule.severity,
        "environment": environment,
    }


def alertmanager(
    alerts: Sequence[Alert], environment: str, now: float, resend_seconds: float
) -> list[dict[str, Any]]:
    """Return the body of ``POST /api/v2/alerts``."""
    found = []
    for alert in alerts:
        ends = alert.resolved_at
        if ends is None:
            ends = now + INTERVALS_AHEAD * resend_seconds
        found.append(
            {
                "labels": labels_of(alert, environment),
                "annotations": {
                    "summary": alert.rule.summary,
                    "description": alert.evidence,
                    "runbook": alert.rule.runbook,
                },
                "startsAt": _time(alert.started_at),
                "endsAt": _time(ends),
            }
        )
    return found


def slack(alerts: Sequence[Alert], environment: str) -> dict[str, Any]:
    """Return one message for all changes of one evaluation."""
    lines = [text(alert, environment) for alert in alerts]
    return {"text": "\n".join(lines)}


def text(alert: Alert, environment: str) -> str:
    """Return one line for a person."""
    state = "FIRING" if alert.is_firing else "RESOLVED"
    return (
        f"[{state}] {alert.rule.severity} {environment} {alert.rule.name}: {alert.rule.summary} "
        f"({alert.evidence}); {alert.rule.runbook}"
    )


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
