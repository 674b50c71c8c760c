from typing import Any

from netra_ops.deploy.plan.findings import service_findings, traffic_findings
from netra_ops.deploy.traffic import shared, whole_to


def body(**template: Any) -> dict[str, Any]:
    return {"template": {"timeout": "3600s", "maxInstanceRequestConcurrency": 500, **template}}


def test_a_sound_service_has_no_finding() -> None:
    assert list(service_findings("s", body(), has_sockets=True)) == []


def test_h2c_is_refused_for_a_service_with_sockets() -> None:
    with_h2c = body(containers=[{"ports": [{"name": "h2c", "containerPort": 8000}]}])

    found = list(service_findings("s", with_h2c, has_sockets=True))

    assert [f.refuses for f in found] == [True]
    assert "503" in found[0].message
    assert list(service_findings("s", with_h2c)) == []


def test_a_short_request_timeout_ends_sockets() -> None:
    found = list(service_findings("s", {"template": {}}, has_sockets=True))

    assert "ends every socket after 300 s" in found[0].message


def test_sockets_above_sixty_percent_of_the_fleet_are_a_warning() -> None:
    fleet = body(scaling={"maxInstanceCount": 2})

    assert list(service_findings("s", fleet, open_sockets=600, has_sockets=True)) == []
    found = list(service_findings("s", fleet, open_sockets=601, has_sockets=True))
    assert "601 open sockets are above 60 %" in found[0].message


def test_concurrency_above_the_cap_is_refused() -> None:
    found = list(service_findings("s", body(maxInstanceRequestConcurrency=2000), has_sockets=True))

    assert [f.refuses for f in found] == [True]


def test_healthz_as_a_probe_is_a_warning() -> None:
    probed = body(containers=[{"livenessProbe": {"httpGet": {"path": "/healthz"}}}])

    assert "reserves" in next(iter(service_findings("s", probed))).message


def test_pinned_traffic_is_named() -> None:
    found = list(traffic_findings("s", shared("old", "new", 10), latest="new"))

    assert "pinned (old 90 %, new 10 %)" in found[0].message
    assert list(traffic_findings("s", whole_to(None), latest="new")) == []
