"""The compute API refuses what Google refuses, in its words."""

from typing import Any

import pytest

from netra_cloud.compute.api import (
    ComputeApi,
    ComputeObjectExists,
    ComputeObjectMissing,
    ComputeRefusal,
)
from netra_cloud.compute.objects import ComputeObjects

GROUP = "projects/p/regions/r/networkEndpointGroups/g"
SERVICE = "projects/p/global/backendServices/s"


@pytest.fixture
def api() -> ComputeApi:
    api = ComputeApi(ComputeObjects("p"))
    api.insert("networkEndpointGroups", {"name": "g", "networkEndpointType": "SERVERLESS"}, "r")
    return api


def _service(**more: Any) -> dict[str, Any]:
    return {"name": "s", "backends": [{"group": GROUP}], **more}


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"timeoutSec": 300}, "Timeout sec is not supported for a backend service with Serverless"),
        ({"healthChecks": ["x"]}, "A backend service cannot have a healthcheck with Serverless"),
        ({"portName": "web"}, "Port name is not supported for a backend service with Serverless"),
    ],
)
def test_serverless_backends_refuse(api: ComputeApi, field: dict[str, Any], words: str) -> None:
    with pytest.raises(ComputeRefusal, match=words):
        api.insert("backendServices", _service(**field))
    assert api.insert("backendServices", _service(timeoutSec=30))["selfLink"] == SERVICE


def test_an_instance_group_may_have_a_timeout(api: ComputeApi) -> None:
    api.insert("networkEndpointGroups", {"name": "z", "networkEndpointType": "GCE_VM_IP_PORT"}, "r")
    group = GROUP.replace("/g", "/z").replace("/zlobal", "/global")
    made = api.insert(
        "backendServices", _service(timeoutSec=300) | {"backends": [{"group": group}]}
    )
    assert api.get(made["selfLink"])["timeoutSec"] == 300


def test_links_must_lead_somewhere(api: ComputeApi) -> None:
    with pytest.raises(ComputeRefusal, match="was not found"):
        api.insert("urlMaps", {"name": "m", "defaultService": SERVICE})


def test_names_are_taken_once_and_missing_is_missing(api: ComputeApi) -> None:
    api.insert("backendServices", _service())
    with pytest.raises(ComputeObjectExists):
        api.insert("backendServices", _service())
    with pytest.raises(ComputeObjectMissing):
        api.get(SERVICE.replace("/s", "/t"))


def test_what_is_in_use_cannot_go(api: ComputeApi) -> None:
    api.insert("backendServices", _service())
    with pytest.raises(ComputeRefusal, match="already being used by"):
        api.delete(GROUP)
    api.delete(SERVICE)
    api.delete(GROUP)
    assert api.objects.by_key == {}


def test_a_failing_test_of_a_url_map_refuses_it(api: ComputeApi) -> None:
    api.insert("backendServices", _service())
    test = {"host": "h", "path": "/", "service": "projects/p/global/backendServices/s"}
    body = {"name": "m", "defaultService": SERVICE, "tests": [test]}
    api.insert("urlMaps", body)
    other = api.insert("backendServices", _service() | {"name": "o"})["selfLink"]
    with pytest.raises(ComputeRefusal, match="URL map test failed"):
        api.replace("urlMaps", body | {"tests": [test | {"service": other}]})


def test_what_the_local_edge_cannot_do_is_accepted_and_named(api: ComputeApi) -> None:
    """Limits of the emulation are no refusals of Google."""
    api.insert("backendServices", _service())
    template = {"priority": 1, "matchRules": [{"pathTemplateMatch": "/a/*"}], "service": SERVICE}
    matcher = {"name": "x", "defaultService": SERVICE, "routeRules": [template]}
    rule = {"hosts": ["h"], "pathMatcher": "x"}
    test = {"host": "h", "path": "/", "service": SERVICE}
    body = {"name": "m", "defaultService": SERVICE, "hostRules": [rule], "pathMatchers": [matcher]}
    with_tests = {**body, "tests": [test]}
    api.insert("urlMaps", with_tests)
    (limit,) = api.unproven("urlMaps", with_tests)
    assert "pathTemplateMatch" in limit


def test_without_the_whole_project_a_link_may_lead_elsewhere() -> None:
    api = ComputeApi(ComputeObjects("p"), complete=False)
    zonal = "projects/p/zones/z/instanceGroups/g"
    made = api.insert("backendServices", _service() | {"backends": [{"group": zonal}]})
    assert api.unproven("backendServices", made) == [f"{zonal} is not part of this stack"]
