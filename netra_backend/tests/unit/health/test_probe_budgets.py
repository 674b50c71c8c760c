"""The chain of times, end to end: checks, refresh, staleness, probes, the 8 s promise.

Each test is one inequality of ``docs/readiness.md``; a change of any number that breaks the chain
fails here and not in production.
"""

import json

import pytest
from google.cloud.run_v2 import Probe as CloudRunProbe

from netra_backend.app.health.policies import backend_policies
from netra_backend.app.websocket_core.gcp_initialization_validator import (
    GCPWebSocketInitializationValidator,
)
from netra_shared.health.budget import READINESS_BUDGET_SECONDS
from netra_shared.health.policy import ON_GOOGLE_CLOUD
from netra_shared.health.probes import PROBES_FILE, cloud_run_probes
from netra_shared.health.refresh import Refresh
from netra_shared.settings import Environment, ServiceSettings

# What tests/resilience proves under 200 probes a second, at the 99th percentile.
ANSWER_SECONDS = 0.1
PROBES = cloud_run_probes()
REFRESH = Refresh()


async def works() -> None:
    """Answer immediately."""


def worst_case() -> float:
    names = backend_policies(Environment.PRODUCTION)
    return GCPWebSocketInitializationValidator(
        Environment.PRODUCTION, dict.fromkeys(names, works)
    ).worst_case_seconds


def default_of(field: str) -> float:
    return float(ServiceSettings.model_fields[field].default)


def test_the_worst_case_keeps_the_promise() -> None:
    assert worst_case() < READINESS_BUDGET_SECONDS


def test_the_valkey_client_gives_up_no_later_than_its_check() -> None:
    client = default_of("redis_connect_seconds") + default_of("redis_command_seconds")
    assert client <= ON_GOOGLE_CLOUD.timeout_seconds


def test_the_pool_gives_up_before_the_check_so_that_the_report_names_the_pool() -> None:
    assert default_of("postgres_pool_wait_seconds") < ON_GOOGLE_CLOUD.timeout_seconds


def test_a_probe_waits_much_longer_than_an_answer_takes() -> None:
    for probe in (PROBES.startup_probe, PROBES.liveness_probe, PROBES.readiness_probe):
        assert probe.timeout_seconds >= 10 * ANSWER_SECONDS
        assert probe.timeout_seconds < READINESS_BUDGET_SECONDS


def test_the_longest_pause_and_the_recovery_fit_the_one_second_of_grace() -> None:
    assert REFRESH.longest_pause_seconds < 1.0
    assert REFRESH.failing_interval_seconds * (1 + REFRESH.jitter) < 1.0


def test_a_relapse_is_believed_to_be_over_within_the_budget_of_a_network_check() -> None:
    waits = REFRESH.hysteresis.max_hold_seconds + 2 * REFRESH.longest_pause_seconds
    assert waits < ON_GOOGLE_CLOUD.timeout_seconds * ON_GOOGLE_CLOUD.attempts + 1.0


@pytest.mark.parametrize("name", list(backend_policies(Environment.PRODUCTION)))
def test_a_run_that_takes_its_whole_budget_is_not_stale(name: str) -> None:
    check = backend_policies(Environment.PRODUCTION)[name].check(name, works)
    slowest = check.worst_case_seconds + REFRESH.longest_pause_seconds
    assert REFRESH.stale_after(check) >= slowest + 1.0


def test_an_instance_has_the_time_to_be_admitted() -> None:
    """Two whole evaluations, recovery and a cold start of 30 s fit into the startup window."""
    probe = PROBES.startup_probe
    window = probe.initial_delay_seconds + probe.period_seconds * probe.failure_threshold
    assert window <= 240, "Cloud Run's limit for a startup probe"
    assert window >= 30 + 2 * (worst_case() + REFRESH.longest_pause_seconds)


def test_an_unready_instance_leaves_before_a_hung_one_is_killed() -> None:
    assert PROBES.readiness_probe.seconds_to_act < PROBES.liveness_probe.seconds_to_act


def test_traffic_stops_within_the_budget_once_the_instance_says_fail() -> None:
    assert PROBES.readiness_probe.seconds_to_act < READINESS_BUDGET_SECONDS


def test_liveness_asks_the_process_and_nothing_else() -> None:
    assert PROBES.liveness_probe.http_get.path == "/health"
    assert PROBES.startup_probe.http_get.path == "/health/startup"
    assert PROBES.readiness_probe.http_get.path == "/health/ready"


@pytest.mark.parametrize("name", ["startup_probe", "liveness_probe", "readiness_probe"])
def test_cloud_runs_own_message_type_accepts_every_field(name: str) -> None:
    settings = json.loads(PROBES_FILE.read_text())[name]
    probe = CloudRunProbe(settings)  # raises ValueError for a field that it does not know
    assert probe.http_get.path == settings["http_get"]["path"]
    assert probe.failure_threshold == settings["failure_threshold"]
