"""Runs the tests of a compute API ``UrlMap`` as Google does before it accepts the map.

Source: UrlMapTest in google/cloud/compute/v1/compute.proto.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from netra_cloud.edge.decision import decide_route
from netra_cloud.edge.url_map import Forward, Redirect, Route
from netra_cloud.edge.url_map_parser import parse_url_map


@dataclass(frozen=True)
class FailedTest:
    """One test whose expectation the map does not meet.

    Attributes:
        index: position of the test in the map.
        field: the expectation: ``service``, ``expectedOutputUrl`` or
            ``expectedRedirectResponseCode``.
        detail: the request, what was expected, and the result.
    """

    index: int
    field: str
    detail: str


def failed_tests(body: Mapping[str, Any]) -> Iterator[FailedTest]:
    """Yield the tests of a ``UrlMap`` that fail.

    Raises:
        NotEmulated: a field that the local edge does not emulate.
        UnknownObject: a host rule names a path matcher that does not exist.
    """
    url_map = parse_url_map(body)
    for index, test in enumerate(body.get("tests", ())):
        headers = {h["name"].lower(): h["value"] for h in test.get("headers", ())}
        path, _, query = str(test["path"]).partition("?")
        route = decide_route(url_map, test["host"], path, headers)
        for field, expected, actual in _comparisons(test, route, path, query):
            if expected != actual:
                request = f"{test['host']}{test['path']}"
                yield FailedTest(index, field, f"{request}: expected {expected}, got {actual}")


def _comparisons(
    test: Mapping[str, Any], route: Route, path: str, query: str
) -> Iterator[tuple[str, str, str]]:
    action = route.action
    result = action.backends[0].service if isinstance(action, Forward) else str(action.status)
    service, code = test.get("service"), test.get("expectedRedirectResponseCode")
    if service is not None:
        yield "service", str(service), result
    elif code is not None:
        yield "expectedRedirectResponseCode", str(code), result
    url = test.get("expectedOutputUrl")
    if url:
        output = _output_url(route, test["host"], path, query)
        if isinstance(action, Redirect) and action.https:
            yield "expectedOutputUrl", str(url), f"https://{output}"
        else:  # the scheme is ignored
            wanted = urlsplit(url if "//" in url else f"//{url}")
            yield "expectedOutputUrl", wanted._replace(scheme="").geturl()[2:], output


def _output_url(route: Route, host: str, path: str, query: str) -> str:
    """Return host, path and query of the forwarded request or of the redirect."""
    action = route.action
    if isinstance(action, Forward):
        return _joined(
            action.host_rewrite or host, _replaced(route, path, action.prefix_rewrite), query
        )
    new_path = action.path or _replaced(route, path, action.prefix)
    return _joined(action.host or host, new_path, "" if action.strip_query else query)


def _replaced(route: Route, path: str, prefix: str | None) -> str:
    """Return ``path`` with what the route matched replaced by ``prefix``."""
    if prefix is None:
        return path
    matched = route.match.exact or route.match.prefix or ""
    return prefix + path[len(matched) :]


def _joined(host: str, path: str, query: str) -> str:
    return f"{host}{path}?{query}" if query else f"{host}{path}"
