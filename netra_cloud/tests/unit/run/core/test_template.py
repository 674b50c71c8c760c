"""Defaults and limits of a template."""

from typing import Any

import pytest

from netra_cloud.run.core import template
from netra_cloud.run.core.errors import InvalidArgument

Json = dict[str, Any]


def full(limits: Json | None = None, **container: Any) -> Json:
    one: Json = {"image": "i", **container}
    if limits:
        one["resources"] = {"limits": limits}
    return template.with_defaults({"containers": [one]})


def test_googles_defaults() -> None:
    found = full()
    template.check(found)
    assert found["timeout"] == "300s"
    assert found["maxInstanceRequestConcurrency"] == 80
    container = found["containers"][0]
    assert container["resources"]["limits"] == {"cpu": "1000m", "memory": "512Mi"}
    assert container["ports"] == [{"name": "http1", "containerPort": 8080}]
    assert container["startupProbe"]["tcpSocket"] == {"port": 8080}
    assert template.with_defaults(found) == found


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        (
            {"memory": "8Gi"},
            "specified for memory. For 1.0 CPU, memory must be between 128Mi and 4Gi inclusive.",
        ),
        ({"cpu": "3"}, "Invalid value specified for cpu"),
        ({"cpu": "fast"}, "'fast' is not a quantity"),
        ({"cpu": "4", "memory": "1Gi"}, "between 2Gi and 16Gi"),
    ],
)
def test_limits_are_refused_by_name(limits: Json, text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        template.check(full(limits))
    assert text in caught.value.message


@pytest.mark.parametrize("limits", [{"cpu": "0.5"}, {"cpu": "2000m", "memory": "8Gi"}])
def test_limits_that_fit(limits: Json) -> None:
    template.check(full(limits))
    assert full(limits)["containers"][0]["resources"]["limits"]["cpu"] == limits["cpu"]


@pytest.mark.parametrize(
    ("container", "text"),
    [
        ({"env": [{"name": "PORT", "value": "1"}]}, "reserved env names were provided: PORT"),
        ({"env": [{"name": "A"}, {"name": "A"}]}, "Duplicate env name: A"),
        ({"startupProbe": {"periodSeconds": 100, "failureThreshold": 3}}, "must not exceed 240"),
        ({"readinessProbe": {"timeoutSeconds": 11}}, "must not be greater than period_seconds"),
        ({"livenessProbe": {"tcpSocket": {}}}, "TCP probes are not supported for liveness"),
        ({"image": ""}, "Image is a required field"),
    ],
)
def test_containers_that_are_refused(container: Json, text: str) -> None:
    with pytest.raises(InvalidArgument, match=text):
        template.check(full(**container))


def test_the_container_with_the_port_receives_requests() -> None:
    two = {"containers": [{"image": "a"}, {"image": "b", "ports": [{"containerPort": 9}]}]}
    found = template.with_defaults(two)
    assert template.ingress_container(found)["image"] == "b"
    assert template.container_port(found) == 9
    template.check(found)
