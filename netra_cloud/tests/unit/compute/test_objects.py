"""What Terraform describes is what the compute API takes: Google's own protos are the judge."""

from typing import Any

import pytest
from google.cloud import compute_v1
from google.protobuf import json_format

from netra_cloud.compute.objects import Key, parse_link
from netra_cloud.tests.unit.edge.stack import PROJECT, stack_objects

PROTOS: dict[str, Any] = {
    "addresses": compute_v1.Address,
    "backendServices": compute_v1.BackendService,
    "forwardingRules": compute_v1.ForwardingRule,
    "networkEndpointGroups": compute_v1.NetworkEndpointGroup,
    "securityPolicies": compute_v1.SecurityPolicy,
    "sslPolicies": compute_v1.SslPolicy,
    "targetHttpProxies": compute_v1.TargetHttpProxy,
    "targetHttpsProxies": compute_v1.TargetHttpsProxy,
    "urlMaps": compute_v1.UrlMap,
}


@pytest.mark.parametrize("collection", PROTOS)
def test_every_object_of_the_stack_fits_its_proto(collection: str) -> None:
    message = PROTOS[collection]
    bodies = list(stack_objects().all(collection))
    assert bodies
    for body in bodies:
        json_format.ParseDict(body, message.pb(message()), ignore_unknown_fields=False)


def test_a_misspelt_field_would_be_noticed() -> None:
    with pytest.raises(json_format.ParseError):
        json_format.ParseDict(
            {"pathRule": []}, compute_v1.UrlMap.pb(compute_v1.UrlMap()), ignore_unknown_fields=False
        )


@pytest.mark.parametrize("key", [Key("urlMaps", "m"), Key("networkEndpointGroups", "n", "us-x1")])
def test_links_lead_back_to_their_object(key: Key) -> None:
    assert parse_link(key.link(PROJECT)) == key
    assert parse_link(f"https://compute.googleapis.com/compute/v1/{key.link(PROJECT)}") == key


def test_other_texts_are_no_links() -> None:
    with pytest.raises(ValueError, match="no link"):
        parse_link("netra")


def test_every_link_of_the_stack_leads_somewhere() -> None:
    objects = stack_objects()
    for service in objects.all("backendServices"):
        assert objects.get(service["backends"][0]["group"]) is not None
        assert objects.get(service["securityPolicy"]) is not None
    for rule in objects.all("forwardingRules"):
        proxy = objects.get(rule["target"])
        assert proxy is not None
        assert objects.get(proxy["urlMap"]) is not None
