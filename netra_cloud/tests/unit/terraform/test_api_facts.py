"""The vendored constraints, against sentences of the API reference."""

import json

import pytest

from netra_cloud.terraform.api_facts import APIS, Api, field_of, messages


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.origin.provider)
def test_the_file_is_of_the_pinned_package(api: Api) -> None:
    head, *lines = api.file.read_text().splitlines()
    assert json.loads(head) == {"origin": api.origin.as_json()}
    assert {api.prefix + root for root in api.roots} <= {json.loads(line)[0] for line in lines}


def test_the_apis_have_no_message_in_common() -> None:
    lines = [line for api in APIS for line in api.file.read_text().splitlines()[1:]]
    assert len(messages()) == len(lines) > 100


# https://cloud.google.com/compute/docs/reference/rest/v1/urlMaps, /backendServices, and
# https://cloud.google.com/run/docs/reference/rest/v2/Container
@pytest.mark.parametrize(
    ("message", "argument", "name", "value"),
    [
        ("HttpRouteRule", "priority", "range", (0, 2147483647)),
        ("WeightedBackendService", "weight", "range", (0, 1000)),
        ("HttpFaultAbort", "percentage", "range", (0.0, 100.0)),
        ("HttpRedirectAction", "path_redirect", "length", (1, 1024)),
        ("HttpRedirectAction", "path_redirect", "range", None),
        ("HttpRetryPolicy", "num_retries", "range", (1, None)),
        ("BackendService", "affinity_cookie_ttl_sec", "range", (0, 1209600)),
        ("UrlMap", "test", "count", 100),
        ("UrlMap", "path_matcher", "message", "PathMatcher"),
        (
            "HttpRedirectAction",
            "prefix_redirect",
            "exclusive",
            ("path_redirect", "prefix_redirect"),
        ),
        ("ForwardingRule", "ip_protocol", "name", "I_p_protocol"),
        ("run.ContainerPort", "container_port", "range", (1, 65535)),
        ("run.TCPSocketAction", "port", "range", (1, 65535)),
        ("run.Probe", "timeout_seconds", "range", (1, 3600)),
        ("run.TrafficTarget", "type", "name", "type_"),
        ("run.Service", "template", "message", "run.RevisionTemplate"),
    ],
)
def test_facts_are_those_of_the_reference(
    message: str, argument: str, name: str, value: object
) -> None:
    field = field_of(message, argument)
    assert field is not None
    assert getattr(field, name) == value


def test_a_field_without_a_constraint_is_not_listed() -> None:
    assert field_of("UrlMap", "description") is None
    assert field_of("Nothing", "name") is None


def test_the_redirect_codes_are_the_five_of_the_enum() -> None:
    field = field_of("HttpRedirectAction", "redirect_response_code")
    assert field is not None
    assert set(field.enum) == {
        "FOUND", "MOVED_PERMANENTLY_DEFAULT", "PERMANENT_REDIRECT", "SEE_OTHER",
        "TEMPORARY_REDIRECT",
    }  # fmt: skip
