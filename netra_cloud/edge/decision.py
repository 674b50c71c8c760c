"""Which action a URL map takes for a request; runs the map's own tests as Google does."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from netra_cloud.edge.url_map import (
    Action,
    Forward,
    HeaderMatch,
    Match,
    PathMatcher,
    UrlMap,
)
from netra_cloud.edge.url_map_parser import parse_url_map


def decide(
    url_map: UrlMap, host: str, path: str, headers: Mapping[str, str] | None = None
) -> Action:
    """Return what happens to a request.

    Args:
        url_map: the map.
        host: the Host header, with or without port.
        path: the path without query.
        headers: request headers by lower-case name.
    """
    matcher = _matcher(url_map, host.rpartition(":")[0] if re.search(r":\d+$", host) else host)
    if matcher is None:
        return url_map.default
    return next(
        route.action for route in matcher.routes if _matches(route.match, path, headers or {})
    )


def _matcher(url_map: UrlMap, host: str) -> PathMatcher | None:
    if host in url_map.hosts:
        return url_map.hosts[host]
    suffixes = sorted((p for p in url_map.hosts if p.startswith("*")), key=len, reverse=True)
    for pattern in suffixes:
        if host.endswith(pattern[1:]):
            return url_map.hosts[pattern]
    return None


def _matches(match: Match, path: str, headers: Mapping[str, str]) -> bool:
    flags = re.IGNORECASE if match.ignore_case else 0
    pattern = match.regex
    if match.exact is not None:
        pattern = re.escape(match.exact)
    elif match.prefix is not None:
        pattern = re.escape(match.prefix) + ".*"
    is_path = pattern is None or re.fullmatch(pattern, path, flags | re.DOTALL) is not None
    return is_path and all(_header_matches(header, headers) for header in match.headers)


def _header_matches(match: HeaderMatch, headers: Mapping[str, str]) -> bool:
    value = headers.get(match.name.lower())
    if match.present is not None:
        holds = (value is not None) == match.present
    elif value is None:
        return False  # an absent header matches no value, inverted or not
    else:
        holds = (
            (match.exact is None or value == match.exact)
            and (match.prefix is None or value.startswith(match.prefix))
            and (match.suffix is None or value.endswith(match.suffix))
            and (match.regex is None or re.fullmatch(match.regex, value) is not None)
        )
    return holds != match.invert


def failed_tests(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line per test of a compute API ``UrlMap`` that does not hold."""
    url_map = parse_url_map(body)
    for test in body.get("tests", ()):
        headers = {h["name"].lower(): h["value"] for h in test.get("headers", ())}
        path = str(test["path"]).partition("?")[0]
        action = decide(url_map, test["host"], path, headers)
        wanted = test.get("service")
        got = action.backends[0].service if isinstance(action, Forward) else f"{action.status}"
        expected = wanted or str(test.get("expectedRedirectResponseCode", got))
        if got != expected:
            yield f"{test['host']}{test['path']}: expected {expected}, got {got}"
