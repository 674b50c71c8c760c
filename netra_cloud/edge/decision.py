"""Which action a URL map takes for a request."""

import re
from collections.abc import Mapping

from netra_cloud.edge.url_map import (
    Action,
    HeaderMatch,
    Match,
    PathMatcher,
    Route,
    UrlMap,
)
from netra_cloud.errors import InvalidObject

_EVERYTHING = Match(prefix="/")


def decide(
    url_map: UrlMap, host: str, path: str, headers: Mapping[str, str] | None = None
) -> Action:
    """Return what happens to a request; arguments as for ``decide_route``."""
    return decide_route(url_map, host, path, headers).action


def decide_route(
    url_map: UrlMap, host: str, path: str, headers: Mapping[str, str] | None = None
) -> Route:
    """Return the route that takes a request; the map's default is a route that matches ``/``.

    Args:
        url_map: the map.
        host: the Host header, with or without port.
        path: the path without query.
        headers: request headers by lower-case name.

    Raises:
        InvalidObject: the path does not start with a slash, so not even the default takes it.
    """
    matcher = _matcher(url_map, host.rpartition(":")[0] if re.search(r":\d+$", host) else host)
    if matcher is None:
        return Route(_EVERYTHING, url_map.default)
    for route in matcher.routes:
        if _matches(route.match, path, headers or {}):
            return route
    raise InvalidObject(f"the path {path!r} does not start with /")


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
        # Inverted, an absent header matches: HttpHeaderMatch.invert_match in compute.proto is the
        # negation of the whole criterion.
        holds = False
    else:
        holds = (
            (match.exact is None or value == match.exact)
            and (match.prefix is None or value.startswith(match.prefix))
            and (match.suffix is None or value.endswith(match.suffix))
            and (match.regex is None or re.fullmatch(match.regex, value) is not None)
        )
    return holds != match.invert
