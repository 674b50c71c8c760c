"""Cloud Armor policies as Envoy's per-route filters: rate limits and denials.

Rules go by priority and the first that matches decides. What the local edge cannot judge
(preconfigured WAF signatures, bodies) is reported, never pretended.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

LOCAL_RATE_LIMIT = "envoy.filters.http.local_ratelimit"
RBAC = "envoy.filters.http.rbac"
_LOCAL_RATE_LIMIT_TYPE = (
    "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"
)
_RBAC_TYPE = "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBACPerRoute"
_EVERYONE = ("*",)
_MAX_CLIENTS = 20_000  # addresses whose rate is remembered at once, per rule; the oldest goes first
_UNBOUNDED = 1_000_000_000  # the bucket that Envoy demands beside those per address
_PATH_EQUALS = re.compile(r"request\.path\s*==\s*'([^']*)'")
_PATH_STARTS = re.compile(r"request\.path\.startsWith\('([^']*)'\)")


@dataclass(frozen=True)
class Condition:
    """When a rule applies: to some addresses, to some paths, to everything when both are empty."""

    ranges: tuple[str, ...] = ()
    paths: tuple[Json, ...] = ()  # Envoy string matchers


@dataclass
class ArmorFilters:
    """What a policy becomes.

    Attributes:
        per_route: ``typed_per_filter_config`` of the routes that the policy protects.
        not_emulated: one line per rule that is left out.
    """

    per_route: Json = field(default_factory=dict)
    not_emulated: list[str] = field(default_factory=list)


def armor_filters(policy: Mapping[str, Any]) -> ArmorFilters:
    """Return the filters for a compute API ``SecurityPolicy``."""
    result = ArmorFilters()
    limits: list[tuple[str, Condition, Json]] = []
    denials: list[tuple[str, Condition]] = []
    for rule in sorted(policy.get("rules", ()), key=lambda rule: int(rule["priority"])):
        name = f"{policy['name']}-{rule['priority']}"
        condition = _condition(rule.get("match") or {})
        if condition is None:
            expression = rule["match"].get("expr", {}).get("expression", "")
            result.not_emulated.append(f"rule {name}: {expression}")
        elif rule["action"] in {"throttle", "rate_based_ban"}:
            limits.append((name, condition, rule["rateLimitOptions"]["rateLimitThreshold"]))
        elif str(rule["action"]).startswith("deny"):
            denials.append((name, condition))
    if limits:
        result.per_route[LOCAL_RATE_LIMIT] = _rate_limit(policy["name"], limits)
    if denials:
        result.per_route[RBAC] = _denials(denials)
    return result


def _condition(match: Mapping[str, Any]) -> Condition | None:
    if "config" in match:
        ranges = tuple(match["config"].get("srcIpRanges", ()))
        return Condition(ranges=() if ranges == _EVERYONE else ranges)
    expression = match.get("expr", {}).get("expression", "")
    paths: list[Json] = []
    for part in expression.split("||"):
        text = part.strip()
        if equal := _PATH_EQUALS.fullmatch(text):
            paths.append({"exact": equal.group(1)})
        elif start := _PATH_STARTS.fullmatch(text):
            paths.append({"prefix": start.group(1)})
        else:
            return None
    return Condition(paths=tuple(paths))


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


def _rate_limit(policy: str, limits: Sequence[tuple[str, Condition, Json]]) -> Json:
    rate_limits: list[Json] = []
    descriptors: list[Json] = []
    earlier: list[tuple[str, Condition]] = []
    for name, condition, threshold in limits:
        conditions = [
            action
            for other, other_condition in earlier
            for action in _path_action(other, other_condition, expected=False)
        ] + _path_action(name, condition, expected=True)
        rate_limits.append(
            {
                "actions": [
                    {"remote_address": {}},
                    {"generic_key": {"descriptor_key": "rule", "descriptor_value": name}},
                    *conditions,
                ]
            }
        )
        entries = [{"key": "remote_address"}, {"key": "rule", "value": name}]
        for action in conditions:
            matched = action["header_value_match"]
            entries.append({"key": matched["descriptor_key"], "value": matched["descriptor_value"]})
        descriptors.append({"entries": entries, "token_bucket": _bucket(threshold)})
        earlier.append((name, condition))
    everything = {"enabled": {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}}
    return {
        "@type": _LOCAL_RATE_LIMIT_TYPE,
        "stat_prefix": f"armor_{policy}",
        "token_bucket": {
            "max_tokens": _UNBOUNDED,
            "tokens_per_fill": _UNBOUNDED,
            "fill_interval": "1s",
        },
        "filter_enabled": everything["enabled"],
        "filter_enforced": everything["enabled"],
        "status": {"code": "TooManyRequests"},
        "rate_limits": rate_limits,
        "descriptors": descriptors,
        "max_dynamic_descriptors": _MAX_CLIENTS,
    }


def _bucket(threshold: Mapping[str, Any]) -> Json:
    count = int(threshold["count"])
    return {
        "max_tokens": count,
        "tokens_per_fill": count,
        "fill_interval": f"{int(threshold['intervalSec'])}s",
    }


def _denials(denials: Sequence[tuple[str, Condition]]) -> Json:
    policies: Json = {}
    for name, condition in denials:
        principals: list[Json] = [
            {"remote_ip": {"address_prefix": address, "prefix_len": int(length or 32)}}
            for address, _, length in (item.partition("/") for item in condition.ranges)
        ] or [{"any": True}]
        permissions: list[Json] = [
            {"url_path": {"path": matcher}} for matcher in condition.paths
        ] or [{"any": True}]
        policies[name] = {"permissions": permissions, "principals": principals}
    return {"@type": _RBAC_TYPE, "rbac": {"rules": {"action": "DENY", "policies": policies}}}
