"""The Grafana dashboards: the fleet, and one run from socket to model step. Pure.

Source of the shape: Grafana's dashboard JSON model
(https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from netra_ops.alerts.generate import RATIOS, over
from netra_ops.alerts.thresholds import Thresholds
from netra_ops.measure.duration import SECONDS

SCHEMA_VERSION = 39
PROMETHEUS = {"type": "prometheus", "uid": "${prometheus}"}
TRACES = {"type": "tempo", "uid": "${traces}"}


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart: its title, unit and queries by legend."""

    title: str
    unit: str
    queries: tuple[tuple[str, str], ...]


def _quantiles(metric: str, by: str = "le") -> tuple[tuple[str, str], ...]:
    return tuple(
        (
            f"p{percent}",
            f"histogram_quantile({percent / 100:g}, sum by ({by}) (rate({metric}_bucket[5m])))",
        )
        for percent in (50, 95, 99)
    )


PANELS = (
    Panel("Open sockets", "short", (("{{instance}}", "netra_websocket_connections"),)),
    Panel(
        "Handshakes by outcome",
        "ops",
        (("{{outcome}}", "sum by (outcome) (rate(netra_websocket_handshakes_total[5m]))"),),
    ),
    Panel("Handshake", "s", _quantiles("netra_websocket_handshake_seconds")),
    Panel(
        "Close codes",
        "ops",
        (("{{code}}", "sum by (code) (rate(netra_websocket_closes_total[5m]))"),),
    ),
    Panel("Commands", "s", _quantiles("netra_websocket_command_seconds")),
    Panel("Active runs", "short", (("{{instance}}", "netra_runs_active"),)),
    Panel("Runs", "s", _quantiles("netra_run_seconds")),
    Panel(
        "Runs by end",
        "ops",
        (("{{status}}", "sum by (status) (rate(netra_runs_ended_total[5m]))"),),
    ),
    Panel(
        "Events published",
        "ops",
        (("{{to}}", "sum by (to) (rate(netra_stream_events_published_total[5m]))"),),
    ),
    Panel("Readiness", "short", (("{{instance}} ready", "readiness_ready"),)),
    Panel("Late imports (must stay 0)", "short", (("total", "sum(late_imports_total)"),)),
    Panel(
        "Sign-ins", "ops", (("{{outcome}}", "sum by (outcome) (rate(auth_sign_ins_total[5m]))"),)
    ),
)


def queries() -> list[str]:
    """Return every PromQL query of the dashboards, for a test that runs them."""
    return [query for panel in PANELS for _, query in panel.queries]


def dashboards(thresholds: Thresholds) -> dict[str, str]:
    """Return the files by name."""
    return {
        "netra-overview.json": _render(_overview(thresholds)),
        "netra-run.json": _render(_run()),
    }


def _overview(thresholds: Thresholds) -> dict[str, Any]:
    budgets = tuple(
        (
            name,
            over(f"(({RATIOS[name][0]}) / ({RATIOS[name][1]}))", SECONDS["h"])
            + f" / {ratio.budget:g}",
        )
        for name, ratio in thresholds.ratios.items()
    )
    panels = (Panel("Error budget burn rate (1 h)", "short", budgets), *PANELS)
    return _dashboard(
        "netra-overview",
        "Netra: overview",
        [_time_series(number, panel) for number, panel in enumerate(panels)],
        [_source("prometheus")],
    )


def _run() -> dict[str, Any]:
    """One run by its trace id: spans from the socket to the model step, and the log lines."""
    trace = {
        "id": 1,
        "type": "traces",
        "title": "Spans from socket to model step",
        "datasource": TRACES,
        "gridPos": {"x": 0, "y": 0, "w": 24, "h": 18},
        "targets": [
            {"refId": "A", "datasource": TRACES, "queryType": "traceql", "query": "${trace_id}"}
        ],
    }
    variables = [
        _source("traces", "tempo"),
        {"type": "textbox", "name": "trace_id", "label": "Trace id"},
    ]
    return _dashboard("netra-run", "Netra: one run", [trace], variables)


def _time_series(number: int, panel: Panel) -> dict[str, Any]:
    targets = [
        {
            "refId": chr(ord("A") + index),
            "datasource": PROMETHEUS,
            "expr": query,
            "legendFormat": legend,
        }
        for index, (legend, query) in enumerate(panel.queries)
    ]
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": PROMETHEUS,
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "gridPos": {"x": 12 * (number % 2), "y": 8 * (number // 2), "w": 12, "h": 8},
        "targets": targets,
    }


def _source(name: str, kind: str = "prometheus") -> dict[str, Any]:
    return {"type": "datasource", "name": name, "query": kind, "label": name.capitalize()}


def _dashboard(
    uid: str, title: str, panels: Sequence[dict[str, Any]], variables: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "uid": uid,
        "title": title,
        "tags": ["netra"],
        "schemaVersion": SCHEMA_VERSION,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": list(variables)},
        "panels": list(panels),
    }


def _render(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"
