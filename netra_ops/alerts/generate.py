"""Prometheus rules and Terraform alert policies from the thresholds. Pure.

Both come from ``monitoring-thresholds.yaml``, so that the three cannot differ. The rules read what
the services and ``netra monitor --listen`` expose.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from netra_ops.alerts.thresholds import Burn, Ratio, Thresholds
from netra_ops.measure.duration import SECONDS

TEMPLATE = Path(__file__).parent / "handshake_burn.tf.template"
HEADER = "# Generated from monitoring-thresholds.yaml by `python scripts/generate_monitoring.py`.\n"

SUBQUERY_SAMPLES = 60

# PromQL of the failed and of all events of a ratio; WINDOW and STEP
# are replaced.
_EXPECTED = "sum(increase(netra_monitor_events_expected_total[WINDOW]))"
_RECEIVED = "sum(increase(netra_monitor_events_total[WINDOW]))"


def _check(name: str) -> tuple[str, str]:
    series = f'readiness_check_passing{{check="{name}"}}'
    failed = f"sum(count_over_time(({series} == 0)[WINDOW:STEP]) or vector(0))"
    return failed, f"sum(count_over_time({series}[WINDOW:STEP]))"


RATIOS = {
    "connection_success": (
        'sum(increase(netra_monitor_probes_total{outcome!="ok"}[WINDOW]))',
        "sum(increase(netra_monitor_probes_total[WINDOW]))",
    ),
    "authentication_success": (
        'sum(increase(auth_sign_ins_total{outcome="refused"}[WINDOW]))',
        "sum(increase(auth_sign_ins_total[WINDOW]))",
    ),
    "event_delivery": (f"{_EXPECTED} - {_RECEIVED}", _EXPECTED),
    "golden_path_success": (
        'sum(increase(netra_runs_ended_total{status="failed"}[WINDOW]))',
        "sum(increase(netra_runs_ended_total[WINDOW]))",
    ),
    "redis_availability": _check("redis"),
    "database_success": _check("database"),
}
# Each value as a query; the factor brings seconds to the unit of the threshold.
P99 = "histogram_quantile(0.99, sum by (le) (rate(readiness_check_seconds_bucket{check=%r}[5m])))"
VALUES = {
    "health_seconds": 'max(probe_duration_seconds{job="netra-health"})',
    "redis_milliseconds": P99.replace("%r", '"redis"') + " * 1000",
    "database_seconds": P99.replace("%r", '"database"'),
}


def prometheus_rules(thresholds: Thresholds) -> str:
    """Return a rule file for Prometheus."""
    groups: list[dict[str, Any]] = [
        {"name": "netra-ratios", "rules": list(_ratio_rules(thresholds))},
        {"name": "netra-values", "rules": list(_value_rules(thresholds))},
        {"name": "netra-promises", "rules": list(_promises())},
    ]
    return HEADER + yaml.safe_dump({"groups": groups}, sort_keys=False, width=100)


def _ratio_rules(thresholds: Thresholds) -> Iterator[dict[str, Any]]:
    keep = promql_duration(thresholds.alerting.keep_firing_for)
    for name, ratio in thresholds.ratios.items():
        bad, total = RATIOS[name]
        for burn in thresholds.burn:
            limit = round(thresholds.error_threshold(ratio, burn), 6)
            clauses = [
                over(f"(({bad}) / ({total})) >= {limit:g}", seconds)
                for seconds in (burn.long, burn.short)
            ]
            enough = over(f"({total}) >= {thresholds.minimum_events}", burn.long)
            kind = f"burn_{burn.rate:g}".replace(".", "_")
            query = f"{' and '.join(clauses)} and {enough}"
            yield _rule(name, ratio, kind, burn.severity, {"expr": query, "keep_firing_for": keep})
        low = thresholds.low_traffic
        few = f"({total}) < {thresholds.minimum_events} and ({bad}) >= {low.failures}"
        query = over(few, low.within)
        terms = {"expr": query, "keep_firing_for": keep}
        yield _rule(name, ratio, "low_traffic", low.severity, terms)


def _value_rules(thresholds: Thresholds) -> Iterator[dict[str, Any]]:
    keep = promql_duration(thresholds.alerting.keep_firing_for)
    for name, value in thresholds.values.items():
        alert = alert_name(name)
        # The lower bound counts while the alert fires: that is the hysteresis.
        firing = f'ALERTS{{alertname="{alert}", alertstate="firing"}}'
        query = (
            f"{VALUES[name]} > {value.above:g} or "
            f"({VALUES[name]} > {value.clear:g} and on() {firing})"
        )
        yield {
            "alert": alert,
            "expr": query,
            "for": promql_duration(value.for_),
            "keep_firing_for": keep,
            "labels": {"severity": "critical", "signal": name},
            "annotations": {"summary": value.summary, "runbook": value.runbook},
        }


def _promises() -> Iterator[dict[str, Any]]:
    """Yield the rules on counters that must stay 0, and the heartbeat."""
    for alert, query, severity, summary in (
        ("Netra_late_imports", "sum(increase(late_imports_total[15m])) > 0", "critical",
         "A module was imported after start-up"),
        ("Netra_close_1011", 'sum(increase(netra_websocket_closes_total{code="1011"}[15m])) > 0',
         "critical", "A socket was closed with 1011"),
        ("Netra_heartbeat", "vector(1)", "none",
         "Monitoring works; alert on the absence of this one"),
    ):  # fmt: skip
        yield {
            "alert": alert,
            "expr": query,
            "labels": {"severity": severity},
            "annotations": {"summary": summary, "runbook": "docs/monitoring.md"},
        }


def _rule(
    name: str, ratio: Ratio, kind: str, severity: str, terms: dict[str, str]
) -> dict[str, Any]:
    return {
        "alert": alert_name(f"{name}_{kind}"),
        **terms,
        "labels": {"severity": severity, "signal": name},
        "annotations": {
            "summary": f"{ratio.summary}: below {ratio.objective:g} %",
            "runbook": ratio.runbook,
        },
    }


def alert_name(name: str) -> str:
    """Return the name of an alert in Prometheus."""
    return f"Netra_{name}"


def over(query: str, seconds: float) -> str:
    """Return ``query`` over a window, with at most about 60 samples of each subquery."""
    step = max(SECONDS["m"], seconds / SUBQUERY_SAMPLES)
    return query.replace("WINDOW", promql_duration(seconds)).replace("STEP", promql_duration(step))


def promql_duration(seconds: float) -> str:
    """Return a duration in PromQL's syntax, in the largest whole unit."""
    for unit in ("d", "h", "m", "s"):
        count, rest = divmod(seconds, SECONDS[unit])
        if count and not rest:
            return f"{count:g}{unit}"
    return f"{round(seconds * 1000)}ms"


def terraform_policies(thresholds: Thresholds) -> str:
    """Return Terraform alert policies for the burn rates of the handshakes at the edge.

    Cloud Monitoring evaluates PromQL over at most 25 h of a log-based metric here, so the rule of
    three days is Prometheus' alone.
    """
    ratio = thresholds.ratios["connection_success"]
    burns = [burn for burn in thresholds.burn if burn.long <= SECONDS["d"]]
    entries = "\n".join(_terraform_entry(thresholds, ratio, burn) for burn in burns)
    return f"{HEADER}\n{TEMPLATE.read_text().replace('@ENTRIES@', entries)}"


def _terraform_entry(thresholds: Thresholds, ratio: Ratio, burn: Burn) -> str:
    severity = {"critical": "CRITICAL", "warning": "WARNING"}[burn.severity]
    errors = f"{thresholds.error_threshold(ratio, burn):g}"
    windows = f'["{promql_duration(burn.long)}", "{promql_duration(burn.short)}"]'
    return f"""    "{burn.rate:g}" = {{
      windows  = {windows}
      errors   = {errors}
      severity = "{severity}"
      runbook  = "{ratio.runbook}"
    }}"""
