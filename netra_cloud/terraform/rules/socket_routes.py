"""Which backend services and Cloud Run services receive WebSocket handshakes."""

import re
from collections.abc import Iterable, Iterator

from netra_cloud.edge.decision import decide
from netra_cloud.edge.url_map import Forward
from netra_cloud.edge.url_map_parser import parse_url_map
from netra_cloud.errors import CloudError
from netra_cloud.terraform.compute_mapping import compute_body, key_of, link_resolver, name_of
from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Options
from netra_cloud.terraform.rules.graph import (
    BACKEND_SERVICES,
    URL_MAPS,
    routed_paths,
    run_services,
    targets,
)
from netra_cloud.terraform.rules.map_tests import is_decidable
from netra_cloud.terraform.values import BlockValue

_PROJECT = "project"  # names links only


def is_socket_path(path: str, options: Options) -> bool:
    """Return whether ``path`` is one of the WebSocket paths or below one."""
    bare = path.removesuffix("*").rstrip("/")
    return any(bare == known or bare.startswith(f"{known}/") for known in options.socket_paths)


def socket_backends(configuration: Configuration, options: Options) -> list[Resource]:
    """Return the backend services that WebSocket handshakes are routed to.

    A rule that names a WebSocket path decides. Where no rule does, and the operator declared the
    paths, the handshake follows the map as any request does, for each of its hosts.
    """
    return configuration.once(
        ("socket backends", options), lambda: _socket_backends(configuration, options)
    )


def _socket_backends(configuration: Configuration, options: Options) -> list[Resource]:
    found: dict[str, Resource] = {}
    for url_map in configuration.of_type(*URL_MAPS):
        named = list(_by_named_path(url_map, configuration, options))
        if not named and options.socket_paths_declared:
            named = [
                target
                for path in options.socket_paths
                for target in _decided(url_map, path, configuration)
            ]
        found.update({target.address: target for target in named})
    return list(found.values())


def socket_services(configuration: Configuration, options: Options) -> set[str]:
    """Return the addresses of the Cloud Run services that hold WebSockets."""
    return configuration.once(
        ("socket services", options),
        lambda: {
            service.address
            for backend in socket_backends(configuration, options)
            for service in run_services(backend, configuration)
        },
    )


def _by_named_path(
    url_map: Resource, configuration: Configuration, options: Options
) -> Iterator[Resource]:
    for rule, _, paths in routed_paths(url_map):
        if any(is_socket_path(path, options) for path in paths):
            yield from targets(rule, configuration)


def _decided(url_map: Resource, path: str, configuration: Configuration) -> Iterable[Resource]:
    """Return the backend services that the edge itself would send a handshake to.

    A map with a value that is not known, or with a field that the local edge does not emulate, has
    no such decision; its rules are then compared one by one.
    """
    if not is_decidable(url_map):
        return _by_any_rule(url_map, path, configuration)
    try:
        body = compute_body(url_map.type, url_map.body, link_resolver(configuration, _PROJECT))
        parsed = parse_url_map(body)
        hosts = [host.replace("*", "any", 1) for host in parsed.hosts] or ["any"]
        actions = [decide(parsed, host, path) for host in hosts]
    except (CloudError, re.error):
        return _by_any_rule(url_map, path, configuration)
    services = {
        key_of(service, name_of(service)).link(_PROJECT): service
        for service in configuration.of_type(*BACKEND_SERVICES)
    }
    found = [b.service for a in actions if isinstance(a, Forward) for b in a.backends]
    if not services.keys() >= set(found):
        return _by_any_rule(url_map, path, configuration)
    return [services[link] for link in found]


def _by_any_rule(url_map: Resource, path: str, configuration: Configuration) -> Iterator[Resource]:
    matchers = url_map.body.all("path_matcher")
    for matcher in matchers:
        rule = _matching_rule(matcher, path)
        if rule is not None:
            yield from targets(rule, configuration)
        else:
            yield from _default_targets(matcher, configuration)
    if not matchers:
        yield from _default_targets(url_map.body, configuration)


def _matching_rule(matcher: BlockValue, path: str) -> BlockValue | None:
    """Return the rule that takes ``path``: the longest path rule, or the first route rule."""
    best: tuple[int, BlockValue] | None = None
    for rule in matcher.all("path_rule"):
        patterns = rule.get("paths")
        for pattern in patterns if isinstance(patterns, list) else []:
            if isinstance(pattern, str) and _takes(pattern, path):
                length = len(pattern.removesuffix("*"))
                if best is None or length > best[0]:
                    best = (length, rule)
    if best is not None:
        return best[1]
    ordered = sorted(matcher.all("route_rules"), key=lambda rule: rule.number("priority") or 0.0)
    return next((rule for rule in ordered if _routes(rule.all("match_rules"), path)), None)


def _takes(pattern: str, path: str) -> bool:
    if pattern.endswith("/*"):
        return f"{path}/".startswith(pattern[:-1])
    return path == pattern


def _routes(matches: Iterable[BlockValue], path: str) -> bool:
    return any(
        path == match.text("full_path_match") or path.startswith(match.text("prefix_match") or "\0")
        for match in matches
    )


def _default_targets(block: BlockValue, configuration: Configuration) -> Iterator[Resource]:
    found = configuration.referenced(block, "default_service")
    for weighted in block.all("default_route_action", "weighted_backend_services"):
        found += configuration.referenced(weighted, "backend_service")
    yield from (resource for resource in found if resource.type in BACKEND_SERVICES)
