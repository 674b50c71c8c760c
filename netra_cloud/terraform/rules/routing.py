"""Whether the parts of a URL map fit together: hosts, matchers, priorities, defaults."""

import re
from collections.abc import Iterator

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Options, Rule, Severity, Violation
from netra_cloud.terraform.rules.graph import URL_MAPS
from netra_cloud.terraform.values import BlockValue, Unknown

_PROTO = "google/cloud/compute/v1/compute.proto"
# HostRule.hosts: `*` only as the first character, and then nothing, `-` or `.`; an optional port.
_HOST = re.compile(r"^(\*|(\*(?=[-.]))?[A-Za-z0-9.-]+)(:\d+)?$")
_SERVICE, _REDIRECT, _ACTION = 0, 1, 2
_DEFAULT_NAMES = ("default_service", "default_url_redirect", "default_route_action")
_RULE_NAMES = ("service", "url_redirect", "route_action")


def _exclusive(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for block, names in _deciding_blocks(resource.body):
        certain = [name for name in names if _decides(block, name, names[_ACTION]) is True]
        if len(certain) > 1:
            yield Violation(block, certain[-1], f"{' and '.join(certain)} exclude each other")


def _missing_default(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for block in (resource.body, *resource.body.all("path_matcher")):
        decisions = [_decides(block, name, "default_route_action") for name in _DEFAULT_NAMES]
        if all(decision is False for decision in decisions):
            where = "path_matcher" if block.path else resource.address
            yield Violation(block, None, f"{where} has no default")


def _deciding_blocks(url_map: BlockValue) -> Iterator[tuple[BlockValue, tuple[str, ...]]]:
    yield url_map, _DEFAULT_NAMES
    for matcher in url_map.all("path_matcher"):
        yield matcher, _DEFAULT_NAMES
        for rule in (*matcher.all("path_rule"), *matcher.all("route_rules")):
            yield rule, _RULE_NAMES


def _decides(block: BlockValue, name: str, action: str) -> bool | None:
    """Return whether the argument or block decides where a request goes; None: not known.

    A route action decides only with weighted backend services; else it adds to the service.
    """
    steps = (name, "weighted_backend_services") if name == action else (name,)
    if block.certain(*steps):
        return True
    if block.all(*steps):
        return None
    value = block.get(name)
    if isinstance(value, Unknown):
        # A reference to a resource is set, with any value; a variable may be null.
        return True if value.references and value.is_reference else None
    return value is not None


def _priorities(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for matcher in resource.body.all("path_matcher"):
        seen: set[float] = set()
        for rule in matcher.all("route_rules"):
            priority = rule.number("priority")
            if priority is not None and priority in seen:
                yield Violation(rule, "priority", f"two route_rules of priority {priority:.0f}")
            elif priority is not None:
                seen.add(priority)


def _hosts(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    seen: set[str] = set()
    for rule in resource.body.all("host_rule"):
        hosts = rule.get("hosts")
        for host in hosts if isinstance(hosts, list) else []:
            if not isinstance(host, str):
                continue
            if not _HOST.match(host):
                yield Violation(rule, "hosts", f'"{host}" is not a host pattern')
            elif host.lower() in seen:
                yield Violation(rule, "hosts", f'"{host}" is in two host rules')
            seen.add(host.lower())


def _unused_matcher(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    used = [rule.get("path_matcher") for rule in resource.body.all("host_rule")]
    names = {matcher.text("name") for matcher in resource.body.all("path_matcher")}
    if not names.issuperset(name if isinstance(name, str) else None for name in used):
        return  # a host rule names a matcher that is not known, or does not exist
    for matcher in resource.body.all("path_matcher"):
        name = matcher.text("name")
        if name is not None and name not in used:
            yield Violation(matcher, "name", f'no host_rule names path_matcher "{name}"')


def _same_matcher_name(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    names = [matcher.text("name") for matcher in resource.body.all("path_matcher")]
    for position, matcher in enumerate(resource.body.all("path_matcher")):
        if names[position] is not None and names[position] in names[:position]:
            yield Violation(matcher, "name", f'two path_matchers named "{names[position]}"')


def _repeated_path(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for matcher in resource.body.all("path_matcher"):
        seen: set[str] = set()
        for rule in matcher.all("path_rule"):
            paths = rule.get("paths")
            texts = (
                [path for path in paths if isinstance(path, str)] if isinstance(paths, list) else []
            )
            for path in texts:
                if path in seen:
                    yield Violation(rule, "paths", f'"{path}" is in two path rules')
                seen.add(path)


RULES = (
    Rule(
        id="exclusive-targets",
        severity=Severity.ERROR,
        title="two targets for one request",
        types=URL_MAPS,
        why="A service, a redirect and weighted backend services exclude each other.",
        remedy="keep one of them; a route_action without weights may stay beside a service",
        reference=f"{_PROTO}, UrlMap.default_service and PathRule.service",
        check=_exclusive,
    ),
    Rule(
        id="missing-default",
        severity=Severity.ERROR,
        title="a URL map or path matcher without a default",
        types=URL_MAPS,
        why="Google refuses the map: a request that no rule matches has no target.",
        remedy="add default_service, default_url_redirect, or default_route_action with "
        "weighted_backend_services",
        reference="https://github.com/hashicorp/terraform-provider-google/issues/7661",
        check=_missing_default,
    ),
    Rule(
        id="repeated-priority",
        severity=Severity.ERROR,
        title="two route rules of one priority",
        types=URL_MAPS,
        why="Priorities order the rules, so each may occur once in a path matcher.",
        remedy="give each rule its own priority",
        reference=f"{_PROTO}, HttpRouteRule.priority",
        check=_priorities,
    ),
    Rule(
        id="host-pattern",
        severity=Severity.ERROR,
        title="a host pattern that Google refuses, or one host twice",
        types=URL_MAPS,
        why="`*` is allowed as the first character only, followed by nothing, `-` or `.`; each "
        "host belongs to one host rule.",
        remedy='write "*" or "*.example.com", and list each host once',
        reference=f"{_PROTO}, HostRule.hosts; "
        "https://github.com/hashicorp/terraform-provider-google/issues/3537",
        check=_hosts,
    ),
    Rule(
        id="unused-path-matcher",
        severity=Severity.WARNING,
        title="a path matcher that no host rule names",
        types=URL_MAPS,
        why="Its rules never run: every request takes the map's default.",
        remedy="add a host_rule with this path_matcher, or remove the matcher",
        reference=f"{_PROTO}, HostRule.path_matcher",
        check=_unused_matcher,
    ),
    Rule(
        id="repeated-path-matcher",
        severity=Severity.ERROR,
        title="two path matchers of one name",
        types=URL_MAPS,
        why="A host rule names one path matcher, so names are unique in a URL map.",
        remedy="rename one of them",
        reference=f"{_PROTO}, PathMatcher.name",
        check=_same_matcher_name,
    ),
    Rule(
        id="repeated-path",
        severity=Severity.ERROR,
        title="one path in two path rules of a matcher",
        types=URL_MAPS,
        why="The longest matching path decides, so each may occur once in a path matcher.",
        remedy="list the path in one rule",
        reference="https://cloud.google.com/load-balancing/docs/url-map-concepts",
        check=_repeated_path,
    ),
)
