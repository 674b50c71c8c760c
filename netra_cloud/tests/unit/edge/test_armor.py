"""Cloud Armor's rules by priority, and a word for each that cannot be kept here."""

from typing import Any

import pytest

from netra_cloud.edge.armor import LOCAL_RATE_LIMIT, RBAC, ArmorFilters, armor_filters

EVERYBODY = {"config": {"srcIpRanges": ["*"]}}
TEN = {"config": {"srcIpRanges": ["10.0.0.0/8", "2001:db8::1"]}}
LOGIN = {"expr": {"expression": "request.path == '/login' || request.path.startsWith('/a/')"}}
ODD = {"expr": {"expression": "has(request.headers['x'])"}}


def rate(count: int = 5, **options: Any) -> dict[str, Any]:
    threshold = {"count": count, "intervalSec": 60}
    return {"enforceOnKey": "IP", "rateLimitThreshold": threshold, **options}


def filters(*rules: dict[str, Any]) -> ArmorFilters:
    numbered = [{"priority": n, "match": EVERYBODY, **rule} for n, rule in enumerate(rules, 1)]
    return armor_filters({"name": "p", "rules": numbered[::-1]})  # the order is the priority's


def denials(found: ArmorFilters) -> dict[str, Any]:
    policies: dict[str, Any] = found.per_route[RBAC]["rbac"]["rules"]["policies"]
    return policies


def test_an_allowed_range_before_a_denial_of_all_is_let_through() -> None:
    found = filters({"action": "allow", "match": TEN}, {"action": "deny(403)"})
    (policy,) = denials(found).values()
    everybody, but_not = policy["principals"][0]["and_ids"]["ids"]
    assert everybody == {"any": True}
    allowed = [i["remote_ip"] for i in but_not["not_id"]["or_ids"]["ids"]]
    assert allowed == [
        {"address_prefix": "10.0.0.0", "prefix_len": 8},
        {"address_prefix": "2001:db8::1", "prefix_len": 128},
    ]
    assert found.not_emulated == []


def test_an_allowed_path_before_a_denial_is_let_through() -> None:
    found = filters({"action": "allow", "match": LOGIN}, {"action": "deny(403)", "match": TEN})
    rules = denials(found)["p-2"]["permissions"][0]["and_rules"]["rules"]
    assert rules[0] == {"any": True}
    assert len(rules[1]["not_rule"]["or_rules"]["rules"]) == 2


def test_what_is_behind_a_rule_for_everybody_is_never_reached() -> None:
    found = filters({"action": "allow"}, {"action": "deny(403)"})
    assert found == ArmorFilters()


@pytest.mark.parametrize(
    ("key", "entries"), [("IP", ["remote_address", "rule"]), ("ALL", ["rule"]), (None, ["rule"])]
)
def test_a_rate_counts_by_its_key(key: str | None, entries: list[str]) -> None:
    found = filters({"action": "throttle", "rateLimitOptions": rate(7, enforceOnKey=key)})
    (descriptor,) = found.per_route[LOCAL_RATE_LIMIT]["descriptors"]
    assert [entry["key"] for entry in descriptor["entries"]] == entries
    assert descriptor["token_bucket"]["max_tokens"] == 7


def test_the_first_limit_that_matches_counts() -> None:
    found = filters(
        {"action": "throttle", "match": LOGIN, "rateLimitOptions": rate(1)},
        {"action": "throttle", "rateLimitOptions": rate(9, exceedAction="deny(403)")},
    )
    first, second = found.per_route[LOCAL_RATE_LIMIT]["descriptors"]
    assert {"key": "p-1", "value": "yes"} in first["entries"]
    assert {"key": "p-1", "value": "no"} in second["entries"]
    assert found.not_emulated == ["rule p-2: answers 429 as the others do, not 403"]


@pytest.mark.parametrize(
    ("rule", "note"),
    [
        ({"action": "deny(403)", "match": ODD}, "rule p-1: has(request.headers['x'])"),
        ({"action": "deny(403)", "preview": True}, "rule p-1: preview, which Google only logs"),
        ({"action": "deny(404)"}, "rule p-1: deny(404) answers 403 here"),
        ({"action": "redirect"}, "rule p-1: redirect"),
        (
            {"action": "throttle", "rateLimitOptions": rate(enforceOnKey="HTTP_COOKIE")},
            "rule p-1: a rate per HTTP_COOKIE",
        ),
        (
            {"action": "rate_based_ban", "rateLimitOptions": rate(banDurationSec=60)},
            "rule p-1: limits the rate, without the ban that follows at Google",
        ),
        (
            {"action": "throttle", "match": TEN, "rateLimitOptions": rate()},
            "rule p-1: limits everybody here, not only its addresses",
        ),
    ],
)
def test_what_differs_is_said(rule: dict[str, Any], note: str) -> None:
    assert filters(rule).not_emulated == [note]


def test_a_limit_behind_an_allowed_range_is_said_to_be_too_strict() -> None:
    found = filters(
        {"action": "allow", "match": TEN}, {"action": "throttle", "rateLimitOptions": rate()}
    )
    assert found.not_emulated == ["rule p-2: limits here whom an earlier rule lets through"]


def test_a_header_that_opens_a_closed_policy_is_judged() -> None:
    name = "request.headers['x-key']"
    opened = {"expr": {"expression": f"has({name}) && {name} == 'secret'"}}
    found = filters({"action": "allow", "match": opened}, {"action": "deny(403)"})

    (policy,) = found.per_route[RBAC]["rbac"]["rules"]["policies"].values()
    rules = policy["permissions"][0]["and_rules"]["rules"]
    header = {"header": {"name": "x-key", "string_match": {"exact": "secret"}}}
    assert rules == [{"any": True}, {"not_rule": {"or_rules": {"rules": [header]}}}]
    assert found.not_emulated == []
