"""What is behind a backend service or bucket, and what is named as not emulated."""

from typing import Any

import pytest

from netra_cloud.compute.objects import ComputeObjects
from netra_cloud.edge.backends import Backends
from netra_cloud.edge.run_target import FixedAnswer
from netra_cloud.errors import UnknownObject

NEG = "projects/p/regions/r1/networkEndpointGroups/neg"
TARGET = FixedAnswer("app", ())


def backends(service: dict[str, Any], group: dict[str, Any]) -> tuple[Backends, str]:
    objects = ComputeObjects("p")
    objects.put("networkEndpointGroups", {"name": "neg", "region": "r1", **group}, "r1")
    objects.put("backendServices", {"name": "bes", "backends": [{"group": NEG}], **service}, None)
    return Backends(objects, {"app": TARGET}), "projects/p/global/backendServices/bes"


def test_a_serverless_group_leads_to_its_service() -> None:
    found, link = backends({}, {"cloudRun": {"service": "app"}})
    assert found(link).target is TARGET
    assert found.not_emulated == set()


@pytest.mark.parametrize(
    ("service", "words"),
    [
        ({"enableCDN": True}, "cdn"),
        ({"iap": {"enabled": True}}, "iap"),
        ({"sessionAffinity": "CLIENT_IP"}, "session_affinity"),
        ({"edgeSecurityPolicy": "x"}, "edge_security_policy"),
    ],
)
def test_an_ignored_feature_is_named(service: dict[str, Any], words: str) -> None:
    found, link = backends(service, {"cloudRun": {"service": "app"}})
    found(link)
    assert [line for line in found.not_emulated if words in line]


def test_a_url_mask_answers_501() -> None:
    found, link = backends({}, {"cloudRun": {"urlMask": "<service>"}})
    assert isinstance(found(link).target, FixedAnswer)
    assert [line for line in found.not_emulated if "url_mask" in line]


def test_a_link_to_nothing_is_refused() -> None:
    found, _ = backends({}, {"cloudRun": {"service": "app"}})
    with pytest.raises(UnknownObject, match="does not exist"):
        found("projects/p/global/backendServices/none")


def test_a_service_that_does_not_run_is_refused() -> None:
    found, link = backends({}, {"cloudRun": {"service": "other"}})
    with pytest.raises(UnknownObject, match="nothing runs as Cloud Run service 'other'"):
        found(link)
