"""Cloud Armor policies as Envoy's per-route filters: rate limits and denials.

RBAC runs before the rate limit: what is denied is not counted, as at Google.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netra_cloud.edge.armor_rules import ArmorRule, Condition, Json, Limit, parse_policy

LOCAL_RATE_LIMIT = "envoy.filters.http.local_ratelimit"
RBAC = "envoy.filters.http.rbac"
_LOCAL_RATE_LIMIT_TYPE = (
    "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"
)
_RBAC_TYPE = "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBACPerRoute"
_MAX_CLIENTS = 20_000  # addresses whose rate is remembered, per rule; the oldest goes first
_UNBOUNDED = 1_000_000_000  # the bucket that Envoy demands beside those per address
_STATUS_NAMES = {403: "Forbidden", 404: "NotFound", 429: "TooManyRequests", 502: "BadGateway"}


@dataclass
class ArmorFilters:
    """What a policy becomes.

    Attributes:
        per_route: ``typed_per_filter_config`` of the routes that the policy protects.
        not_emulated: one line per rule that is left out or differs.
    """

    per_route: Json = field(default_factory=dict)
    not_emulated: list[str] = field(default_factory=list)


def armor_filters(body: Mapping[str, Any]) -> ArmorFilters:
    """Return the filters for a compute API ``SecurityPolicy``."""
    policy = parse_policy(body)
    result = ArmorFilters(not_emulated=policy.not_emulated)
    reachable = _reachable(policy.rules)
    if any(rule.limit for rule in reachable):
        result.per_route[LOCAL_RATE_LIMIT] = _rate_limit(policy.name, reachable)
        result.not_emulated += [*_limits_beside_ranges(reachable), *_other_statuses(reachable)]
    if denials := _denials(reachable):
        result.per_route[RBAC] = {
            "@type": _RBAC_TYPE,
            "rbac": {"rules": {"action": "DENY", "policies": denials}},
        }
    return result


def _reachable(rules: Sequence[ArmorRule]) -> list[ArmorRule]:
    """Return the rules up to the first that matches everything."""
    found: list[ArmorRule] = []
    for rule in rules:
        found.append(rule)
        if rule.condition.is_everything:
            break
    return found


def _limits_beside_ranges(rules: Sequence[ArmorRule]) -> list[str]:
    """Note where a limit counts other clients than Google would: Envoy's knows no ranges."""
    notes: list[str] = []
    for position, rule in enumerate(rules):
        if rule.limit is None:
            continue
        if rule.condition.ranges or rule.condition.headers:
            notes.append(f"rule {rule.name}: limits everybody here, not only its addresses")
        others = [r.condition for r in rules[:position] if not r.denies]
        if any(one.ranges or one.headers for one in others):
            notes.append(f"rule {rule.name}: limits here whom an earlier rule lets through")
    return notes


def _other_statuses(rules: Sequence[ArmorRule]) -> list[str]:
    """Note where a limit answers with another status than the first: Envoy has one for all."""
    limits = [(rule.name, rule.limit.status) for rule in rules if rule.limit]
    first = limits[0][1]
    return [
        f"rule {name}: answers {first} as the others do, not {status}"
        for name, status in limits[1:]
        if status != first
    ]


def _path_action(name: str, condition: Condition, *, expected: bool) -> list[Json]:
    """Return the rate-limit action that yields a descriptor when the path (mis)matches."""
    if not condition.paths:
        return []
    pattern = "|".join(
        f"^{re.escape(path['exact'])}(\\?.*)?$"
        if "exact" in path
        else f"^{re.escape(path['prefix'])}.*$"
        for path in condition.paths
    )
    matcher = {"name": ":path", "string_match": {"safe_regex": {"regex": pattern}}}
    return [
        {
            "header_value_match": {
                "descriptor_key": name,
                "descriptor_value": "yes" if expected else "no",
                "expect_match": expected,
                "headers": [matcher],
            }
        }
    ]


def _rate_limit(policy: str, rules: Sequence[ArmorRule]) -> Json:
    rate_limits: list[Json] = []
    descriptors: list[Json] = []
    statuses: list[int] = []
    earlier: list[ArmorRule] = []
    for rule in rules:
        if rule.limit is not None:
            conditions = [
                action
                for other in earlier
                for action in _path_action(other.name, other.condition, expected=False)
            ] + _path_action(rule.name, rule.condition, expected=True)
            rate_limits.append({"actions": _actions(rule, rule.limit, conditions)})
            descriptors.append(_descriptor(rule, rule.limit, conditions))
            statuses.append(rule.limit.status)
        if not rule.denies:
            earlier.append(rule)
    everything = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
    return {
        "@type": _LOCAL_RATE_LIMIT_TYPE,
        "stat_prefix": f"armor_{policy}",
        "token_bucket": {
            "max_tokens": _UNBOUNDED,
            "tokens_per_fill": _UNBOUNDED,
            "fill_interval": "1s",
        },
        "filter_enabled": everything,
        "filter_enforced": everything,
        "status": {"code": _STATUS_NAMES.get(statuses[0], "TooManyRequests")},
        "rate_limits": rate_limits,
        "descriptors": descriptors,
        "max_dynamic_descriptors": _MAX_CLIENTS,
    }


def _actions(rule: ArmorRule, limit: Limit, conditions: Sequence[Json]) -> list[Json]:
    client: list[Json] = [{"remote_address": {}}] if limit.per_client else []
    named = {"generic_key": {"descriptor_key": "rule", "descriptor_value": rule.name}}
    return [*client, named, *conditions]


def _descriptor(rule: ArmorRule, limit: Limit, conditions: Sequence[Json]) -> Json:
    entries: list[Json] = [{"key": "remote_address"}] if limit.per_client else []
    entries.append({"key": "rule", "value": rule.name})
    for action in conditions:
        matched = action["header_value_match"]
        entries.append({"key": matched["descriptor_key"], "value": matched["descriptor_value"]})
    bucket = {
        "max_tokens": limit.count,
        "tokens_per_fill": limit.count,
        "fill_interval": f"{limit.interval_seconds}s",
    }
    return {"entries": entries, "token_bucket": bucket}


def _denials(rules: Sequence[ArmorRule]) -> Json:
    """Return a policy per denial: its own condition, and none of the rules that come before."""
    policies: Json = {}
    passed: list[Condition] = []
    for rule in rules:
        if not rule.denies:
            passed.append(rule.condition)
            continue
        permissions = [
            _permission(rule.condition),
            *({"not_rule": _permission(c)} for c in passed if c.paths or c.headers),
        ]
        principals = [
            _principal(rule.condition),
            *({"not_id": _principal(c)} for c in passed if c.ranges),
        ]
        policies[rule.name] = {
            "permissions": [{"and_rules": {"rules": permissions}}],
            "principals": [{"and_ids": {"ids": principals}}],
        }
    return policies


def _permission(condition: Condition) -> Json:
    if condition.is_everything or condition.ranges:
        return {"any": True}
    paths: list[Json] = [{"url_path": {"path": path}} for path in condition.paths]
    headers: list[Json] = [
        {"header": {"name": name, "string_match": {"exact": value}}}
        for name, value in condition.headers
    ]
    return {"or_rules": {"rules": [*paths, *headers]}}


def _principal(condition: Condition) -> Json:
    if not condition.ranges:
        return {"any": True}
    pairs = [item.partition("/") for item in condition.ranges]
    ids = [
        {"remote_ip": {"address_prefix": address, "prefix_len": int(length)}}
        for address, _, length in pairs
    ]
    return {"or_ids": {"ids": ids}}
