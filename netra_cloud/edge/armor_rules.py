"""A Cloud Armor policy as typed rules, in the order in which they are tried.

The first rule that matches decides. What the local edge cannot judge or do exactly is listed by
name, never left out silently.
Source: https://cloud.google.com/armor/docs/security-policy-overview and
https://cloud.google.com/armor/docs/rate-limiting-overview
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

_EVERYONE = "*"
_PATH_EQUALS = re.compile(r"request\.path\s*==\s*'([^']*)'")
_PATH_STARTS = re.compile(r"request\.path\.startsWith\('([^']*)'\)")
# A name that the request lacks would be an error of the expression, so it is asked for first.
_HEADER_EQUALS = re.compile(
    r"has\(request\.headers\['([^']+)'\]\)\s*&&\s*request\.headers\['\1'\]\s*==\s*'([^']*)'"
)
_STATUS = re.compile(r"^deny\((\d{3})\)$")
FORBIDDEN, TOO_MANY = 403, 429


@dataclass(frozen=True)
class Condition:
    """When a rule applies: to some addresses, paths or headers; to everything without any."""

    ranges: tuple[str, ...] = ()  # in CIDR form
    paths: tuple[Json, ...] = ()  # Envoy string matchers
    headers: tuple[tuple[str, str], ...] = ()  # name in lower case, exact value

    @property
    def is_everything(self) -> bool:
        """Return whether no request is outside."""
        return not self.ranges and not self.paths and not self.headers


@dataclass(frozen=True)
class Limit:
    """So many requests in so many seconds; counted per client address or for all together."""

    count: int
    interval_seconds: int
    per_client: bool
    status: int = TOO_MANY


@dataclass(frozen=True)
class ArmorRule:
    """One rule: it limits a rate, denies, or else allows."""

    name: str
    condition: Condition
    denies: bool = False
    limit: Limit | None = None


@dataclass
class ArmorPolicy:
    """The rules that can be judged here, and a line for everything that differs from Google."""

    name: str
    rules: list[ArmorRule] = field(default_factory=list)
    not_emulated: list[str] = field(default_factory=list)


def parse_policy(body: Mapping[str, Any]) -> ArmorPolicy:
    """Return the typed form of a compute API ``SecurityPolicy``."""
    policy = ArmorPolicy(body["name"])
    for rule in sorted(body.get("rules", ()), key=lambda rule: int(rule["priority"])):
        name = f"{policy.name}-{rule['priority']}"
        parsed = _rule(name, rule, policy.not_emulated)
        if parsed is not None:
            policy.rules.append(parsed)
    return policy


def _rule(name: str, rule: Mapping[str, Any], notes: list[str]) -> ArmorRule | None:
    action = str(rule["action"])
    condition = _condition(rule.get("match") or {})
    if rule.get("preview"):
        notes.append(f"rule {name}: preview, which Google only logs")
        return None
    if condition is None:
        notes.append(f"rule {name}: {rule['match'].get('expr', {}).get('expression', '')}")
        return None
    if action in {"throttle", "rate_based_ban"}:
        limit = _limit(name, rule["rateLimitOptions"], notes)
        return None if limit is None else ArmorRule(name, condition, limit=limit)
    if action.startswith("deny"):
        if _status(action, FORBIDDEN) != FORBIDDEN:
            notes.append(f"rule {name}: {action} answers 403 here")
        return ArmorRule(name, condition, denies=True)
    if action != "allow":
        notes.append(f"rule {name}: {action}")
        return None
    return ArmorRule(name, condition)


def _limit(name: str, options: Mapping[str, Any], notes: list[str]) -> Limit | None:
    keys = [item.get("enforceOnKeyType", "ALL") for item in options.get("enforceOnKeyConfigs", ())]
    key = ",".join(keys) or options.get("enforceOnKey") or "ALL"
    if key not in {"ALL", "IP"}:
        notes.append(f"rule {name}: a rate per {key}")
        return None
    if options.get("banDurationSec"):
        notes.append(f"rule {name}: limits the rate, without the ban that follows at Google")
    threshold = options["rateLimitThreshold"]
    return Limit(
        int(threshold["count"]),
        int(threshold["intervalSec"]),
        per_client=key == "IP",
        status=_status(str(options.get("exceedAction", "")), TOO_MANY),
    )


def _status(action: str, otherwise: int) -> int:
    match = _STATUS.match(action)
    return int(match.group(1)) if match else otherwise


def _condition(match: Mapping[str, Any]) -> Condition | None:
    if match.get("config"):
        ranges = match["config"].get("srcIpRanges", ())
        if _EVERYONE in ranges:
            return Condition()
        return Condition(ranges=tuple(str(ipaddress.ip_network(r, strict=False)) for r in ranges))
    expression = (match.get("expr") or {}).get("expression", "")
    if header := _HEADER_EQUALS.fullmatch(expression.strip()):
        return Condition(headers=((header.group(1).lower(), header.group(2)),))
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
