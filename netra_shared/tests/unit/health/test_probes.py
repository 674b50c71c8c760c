import pytest
from pydantic import ValidationError

from netra_shared.health.probes import Probe, cloud_run_probes

PROBE = {
    "initial_delay_seconds": 0, "period_seconds": 10, "timeout_seconds": 3, "failure_threshold": 3,
    "http_get": {"path": "/health"},
}  # fmt: skip


def test_the_reaction_follows_the_last_failed_probe() -> None:
    assert Probe.model_validate(PROBE).seconds_to_act == 23


@pytest.mark.parametrize(
    "changes",
    [{"timeout_seconds": 10}, {"period_seconds": 0}, {"period_seconds": 241},
     {"failure_threshold": 0}, {"http_get": {"path": "health"}}, {"unknown": 1}],
)  # fmt: skip
def test_what_cloud_run_refuses_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Probe.model_validate(PROBE | changes)


def test_the_services_have_three_probes() -> None:
    probes = cloud_run_probes()
    paths = {
        probes.startup_probe.http_get.path,
        probes.liveness_probe.http_get.path,
        probes.readiness_probe.http_get.path,
    }
    assert paths == {"/health/startup", "/health", "/health/ready"}
