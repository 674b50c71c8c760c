"""What a URL map decides."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_cloud.edge.decision import decide
from netra_cloud.edge.map_tests import failed_tests
from netra_cloud.edge.url_map import Forward, Redirect
from netra_cloud.edge.url_map_parser import parse_url_map
from netra_cloud.errors import InvalidObject, NotEmulated, UnknownObject
from netra_cloud.tests.unit.edge.stack import stack_objects

SEGMENTS = st.lists(st.sampled_from(["a", "b", "ws"]), min_size=1, max_size=3)


def _map(**matcher: Any) -> dict[str, Any]:
    return {
        "name": "m",
        "defaultService": "default",
        "hostRules": [{"hosts": ["h"], "pathMatcher": "all"}],
        "pathMatchers": [{"name": "all", "defaultService": "rest", **matcher}],
    }


def _service(body: dict[str, Any], path: str, host: str = "h", **headers: str) -> str:
    action = decide(parse_url_map(body), host, path, headers)
    assert isinstance(action, Forward)
    return action.backends[0].service


def test_the_stacks_own_tests_hold() -> None:
    edge = next(m for m in stack_objects().all("urlMaps") if m.get("tests"))
    assert len(edge["tests"]) >= 16
    assert list(failed_tests(edge)) == []


def test_a_path_without_a_slash_is_refused_by_name() -> None:
    with pytest.raises(InvalidObject, match="'-1' does not start with /"):
        decide(parse_url_map(_map()), "h", "-1")


def test_a_test_that_does_not_hold_is_reported_with_both_services() -> None:
    body = _map() | {"tests": [{"host": "h", "path": "/x?y=1", "service": "other"}]}
    assert [failed.detail for failed in failed_tests(body)] == ["h/x?y=1: expected other, got rest"]


@given(st.lists(SEGMENTS, min_size=1, max_size=6, unique_by=tuple), SEGMENTS)
def test_the_longest_pattern_wins_in_any_order(patterns: list[list[str]], path: list[str]) -> None:
    rules = [{"paths": ["/" + "/".join(p) + "/*"], "service": "/".join(p)} for p in patterns]
    fitting = [p for p in patterns if path[: len(p)] == p and len(path) > len(p)]
    expected = "/".join(max(fitting, key=lambda p: len("/".join(p)))) if fitting else "rest"
    assert _service(_map(pathRules=rules), "/" + "/".join(path)) == expected
    assert _service(_map(pathRules=rules[::-1]), "/" + "/".join(path)) == expected


def test_an_exact_path_does_not_cover_what_is_below_it() -> None:
    body = _map(pathRules=[{"paths": ["/ws"], "service": "sockets"}])
    assert _service(body, "/ws") == "sockets"
    assert _service(body, "/ws/") == "rest"
    assert _service(body, "/wsx") == "rest"


def test_hosts_exact_before_wildcard_before_default() -> None:
    body = _map()
    body["hostRules"].append({"hosts": ["*.example"], "pathMatcher": "wild"})
    body["pathMatchers"].append({"name": "wild", "defaultService": "wild"})
    assert _service(body, "/", "h:8080") == "rest"
    assert _service(body, "/", "a.example") == "wild"
    assert _service(body, "/", "elsewhere") == "default"


def test_route_rules_go_by_priority_and_look_at_headers() -> None:
    header = {"headerName": "X-Kind", "exactMatch": "b"}
    rules = [
        {"priority": 2, "matchRules": [{"prefixMatch": "/"}], "service": "second"},
        {
            "priority": 1,
            "matchRules": [{"prefixMatch": "/", "headerMatches": [header]}],
            "service": "first",
        },
    ]
    assert _service(_map(routeRules=rules), "/x", **{"x-kind": "b"}) == "first"
    assert _service(_map(routeRules=rules), "/x", **{"x-kind": "c"}) == "second"
    assert _service(_map(routeRules=rules), "/x") == "second"


def test_redirects() -> None:
    redirect = {"httpsRedirect": True, "redirectResponseCode": "FOUND", "stripQuery": True}
    body = {"name": "m", "defaultUrlRedirect": redirect}
    action = decide(parse_url_map(body), "any", "/")
    assert action == Redirect(302, https=True, host=None, path=None, prefix=None, strip_query=True)


@pytest.mark.parametrize(
    "rule",
    [
        {
            "paths": ["/"],
            "service": "s",
            "routeAction": {"faultInjectionPolicy": {"abort": {"httpStatus": 503}}},
        },
        {"paths": ["/"]},
        {"paths": ["/"], "service": "s", "customErrorResponsePolicy": {"errorService": "e"}},
        {
            "paths": ["/"],
            "service": "s",
            "routeAction": {"urlRewrite": {"pathTemplateRewrite": "/{a}"}},
        },
    ],
)
def test_what_cannot_be_emulated_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(NotEmulated, match="path matcher all"):
        parse_url_map(_map(pathRules=[rule]))


@pytest.mark.parametrize(
    "match",
    [
        {"pathTemplateMatch": "/a/{b}"},
        {"prefixMatch": "/", "queryParameterMatches": [{"name": "a", "presentMatch": True}]},
        {"prefixMatch": "/", "headerMatches": [{"headerName": "a", "rangeMatch": {"rangeEnd": 1}}]},
    ],
)
def test_a_match_that_cannot_be_judged_is_refused(match: dict[str, Any]) -> None:
    with pytest.raises(NotEmulated):
        parse_url_map(_map(routeRules=[{"priority": 1, "matchRules": [match], "service": "s"}]))


def test_what_is_said_empty_is_not_said() -> None:
    empty: dict[str, Any] = {"customErrorResponsePolicy": None, "urlRedirect": {}}
    assert _service(_map(pathRules=[{"paths": ["/x"], "service": "s", **empty}]), "/x") == "s"


def test_a_host_rule_without_its_path_matcher_is_refused() -> None:
    rule = {"hosts": ["a.example"], "pathMatcher": "gone"}
    with pytest.raises(UnknownObject, match="'gone'"):
        parse_url_map({"name": "m", "defaultService": "s", "hostRules": [rule]})
