"""A real Prometheus loads what is generated: queries have data, rules fire and resolve."""

import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from netra_client import FixedToken
from netra_ops.alerts.generate import alert_name, prometheus_rules
from netra_ops.alerts.thresholds import load_thresholds
from netra_ops.measure.probe import Probe
from netra_ops.observability.dashboard import queries
from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK
from netra_ops.tests.integration.alerts.programs import program, prometheus
from test_framework.fixtures.services import MakeToken
from test_framework.waiting import eventually

pytestmark = pytest.mark.integration

THRESHOLDS = load_thresholds()
BAD = 900  # samples of 5 min: 75 h, beyond the longest window
GOOD = 1000
FIRING_AT, RESOLVED_AT = "74h", "155h"
STOP_SECONDS = 10.0

# Of each ratio: the series that count failures and those that count successes.
COUNTERS = {
    "connection_success": ("netra_monitor_probes_total", "outcome", "network", "ok"),
    "authentication_success": ("auth_sign_ins_total", "outcome", "refused", "accepted"),
    "golden_path_success": ("netra_runs_ended_total", "status", "failed", "completed"),
}
GAUGES = {"redis_availability": "redis", "database_success": "database"}


def counter(per_sample: int, then: int) -> str:
    """Grow by ``per_sample`` while things are bad, and by ``then`` afterwards."""
    return f"0+{per_sample}x{BAD} {per_sample * BAD}+{then}x{GOOD}"


def input_series(signal: str, per_sample: int) -> dict[str, str]:
    """Return series that fail at first and succeed afterwards."""
    if signal in COUNTERS:
        name, label, bad, good = COUNTERS[signal]
        return {
            f'{name}{{{label}="{bad}"}}': counter(per_sample, 0),
            f'{name}{{{label}="{good}"}}': counter(0, per_sample),
        }
    if signal == "event_delivery":
        return {
            "netra_monitor_events_expected_total": counter(per_sample, per_sample),
            "netra_monitor_events_total": counter(0, per_sample),
        }
    return {f'readiness_check_passing{{check="{GAUGES[signal]}"}}': f"0x{BAD} 1x{GOOD}"}


def histogram(check: str, slow: str, quick: str) -> dict[str, str]:
    """Return buckets whose observations lie just below ``slow`` at first, then ``quick``."""
    base = f'readiness_check_seconds_bucket{{check="{check}",le='
    return {
        f'{base}"{quick}"}}': counter(0, 60),
        f'{base}"{slow}"}}': counter(60, 60),
        f'{base}"+Inf"}}': counter(60, 60),
    }


def rules() -> dict[str, dict[str, Any]]:
    document = yaml.safe_load(prometheus_rules(THRESHOLDS))
    return {rule["alert"]: rule for group in document["groups"] for rule in group["rules"]}


def case(alert: str, series: dict[str, str]) -> dict[str, Any]:
    """Return a test of promtool: ``alert`` fires while things are bad, and not afterwards."""
    rule = rules()[alert]
    firing = {"exp_labels": rule["labels"], "exp_annotations": rule["annotations"]}
    return {
        "interval": "5m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [
            {"eval_time": FIRING_AT, "alertname": alert, "exp_alerts": [firing]},
            {"eval_time": RESOLVED_AT, "alertname": alert, "exp_alerts": []},
        ],
    }


def cases() -> list[dict[str, Any]]:
    found = []
    for signal in THRESHOLDS.ratios:
        for burn in THRESHOLDS.burn:
            kind = f"{signal}_burn_{burn.rate:g}".replace(".", "_")
            found.append(case(alert_name(kind), input_series(signal, 50)))
        found.append(case(alert_name(f"{signal}_low_traffic"), input_series(signal, 2)))
    slow = 'probe_duration_seconds{job="netra-health"}'
    found.append(case(alert_name("health_seconds"), {slow: f"9x{BAD} 5x{GOOD}"}))
    found.append(case(alert_name("redis_milliseconds"), histogram("redis", "1", "0.005")))
    found.append(case(alert_name("database_seconds"), histogram("database", "6.5", "0.005")))
    late = {"late_imports_total": counter(1, 0)}
    found.append(case("Netra_late_imports", late))
    closes = {'netra_websocket_closes_total{code="1011"}': counter(1, 0)}
    found.append(case("Netra_close_1011", closes))
    return found


def test_every_rule_has_a_case() -> None:
    tested = {one["alert_rule_test"][0]["alertname"] for one in cases()}
    assert tested == rules().keys() - {"Netra_heartbeat"}


@pytest.mark.parametrize("tested", cases(), ids=lambda one: one["alert_rule_test"][0]["alertname"])
def test_a_rule_fires_and_resolves(tmp_path: Path, tested: dict[str, Any]) -> None:
    promtool = program("promtool", "prometheus")
    rule = rules()[tested["alert_rule_test"][0]["alertname"]]
    # Alone, since promtool evaluates every rule of the file at every step.
    groups = {"groups": [{"name": "tested", "rules": [rule]}]}
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(groups))
    document = {"rule_files": ["rules.yml"], "evaluation_interval": "30m", "tests": [tested]}
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(document))
    finished = subprocess.run(
        [promtool, "test", "rules", "tests.yml"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr


async def test_every_query_of_the_dashboards_has_data(
    backend: HttpServer, auth: HttpServer, make_token: MakeToken, tmp_path: Path
) -> None:
    # One connection, so that the series of commands exist.
    url = f"ws://{LOOPBACK}:{backend.port}/ws"
    assert (await Probe(url, FixedToken(make_token())).once()).is_ok
    targets = [f"{LOOPBACK}:{server.port}" for server in (backend, auth)]
    scrape = f"[{{job_name: netra, static_configs: [{{targets: {targets}}}]}}]"
    server = prometheus(tmp_path, scrape)
    await server.start()
    try:
        async with httpx.AsyncClient(
            base_url=f"http://{LOOPBACK}:{server.port}", timeout=20
        ) as http:

            async def missing() -> list[str]:
                found = []
                for query in queries():
                    answer = await http.get("/api/v1/query", params={"query": query})
                    assert answer.json()["status"] == "success", (query, answer.text)
                    if not answer.json()["data"]["result"]:
                        found.append(query)
                return found

            await eventually(lambda: _is_empty(missing()), within=60)
    finally:
        await server.stop(STOP_SECONDS)


async def _is_empty(work: Any) -> bool:
    return not await work
