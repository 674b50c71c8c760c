"""The compute API's ``UrlMap`` as typed rules; what the edge cannot do is refused by name."""

from collections.abc import Mapping, Sequence
from typing import Any

from netra_cloud.edge.url_map import (
    Action,
    Forward,
    Header,
    HeaderAction,
    HeaderMatch,
    Match,
    PathMatcher,
    Redirect,
    Route,
    UrlMap,
    Weighted,
)
from netra_cloud.errors import InvalidObject, NotEmulated, UnknownObject

Json = Mapping[str, Any]

_STATUS = {
    "MOVED_PERMANENTLY_DEFAULT": 301,
    "FOUND": 302,
    "SEE_OTHER": 303,
    "TEMPORARY_REDIRECT": 307,
    "PERMANENT_REDIRECT": 308,
}
# What each part may say; anything else is refused, since ignored it would pass here and fail there.
_DEFAULTS = ("defaultService", "defaultUrlRedirect", "defaultRouteAction", "headerAction")
_SAYS: dict[str, frozenset[str]] = {
    "url map": frozenset(
        {
            *_DEFAULTS,
            *("name", "description", "hostRules", "pathMatchers", "tests"),
            *("id", "kind", "selfLink", "fingerprint", "creationTimestamp", "region"),
        }
    ),
    "path matcher": frozenset({*_DEFAULTS, "name", "description", "pathRules", "routeRules"}),
    "path rule": frozenset({"paths", "service", "routeAction", "urlRedirect"}),
    "route rule": frozenset(
        {"priority", "description", "matchRules", "service"}
        | {"routeAction", "urlRedirect", "headerAction"}
    ),
    "match rule": frozenset(
        {"prefixMatch", "fullPathMatch", "regexMatch", "ignoreCase", "headerMatches"}
    ),
    "header match": frozenset(
        {"headerName", "exactMatch", "prefixMatch", "suffixMatch"}
        | {"regexMatch", "presentMatch", "invertMatch"}
    ),
    "routeAction": frozenset({"timeout", "urlRewrite", "weightedBackendServices"}),
    "urlRewrite": frozenset({"pathPrefixRewrite", "hostRewrite"}),
}


def _refuse_unknown(part: str, body: Json, where: str = "") -> None:
    said = {name for name, value in body.items() if value not in (None, False, "", [], {})}
    if unknown := said - _SAYS[part]:
        place = f"{where}: " if where else ""
        raise NotEmulated(f"{place}{part} with {', '.join(sorted(unknown))}")


def parse_url_map(body: Json) -> UrlMap:
    """Return the typed form of a compute API ``UrlMap``.

    Raises:
        NotEmulated: a field that the local edge cannot do.
        UnknownObject: a host rule names a path matcher that is not there.
        InvalidObject: a field is missing or has a value of the wrong type.
    """
    try:
        return _parsed(body)
    except KeyError as error:
        raise InvalidObject(f"url map {body.get('name')}: the field {error} is missing") from error
    except (AttributeError, TypeError, ValueError) as error:
        detail = f"a field has a value of the wrong type: {error}"
        raise InvalidObject(f"url map {body.get('name')}: {detail}") from error


def _parsed(body: Json) -> UrlMap:
    _refuse_unknown("url map", body)
    matchers = {matcher["name"]: _matcher(matcher) for matcher in body.get("pathMatchers", ())}
    for rule in body.get("hostRules", ()):
        if rule["pathMatcher"] not in matchers:
            raise UnknownObject(f"url map {body['name']}: no path matcher {rule['pathMatcher']!r}")
    hosts = {
        host: matchers[rule["pathMatcher"]]
        for rule in body.get("hostRules", ())
        for host in rule["hosts"]
    }
    return UrlMap(
        name=body["name"],
        hosts=hosts,
        default=_default(body, f"url map {body['name']}"),
        headers=_header_action(body),
    )


def _matcher(body: Json) -> PathMatcher:
    where = f"path matcher {body['name']}"
    _refuse_unknown("path matcher", body, where)
    for rule in body.get("pathRules", ()):
        _refuse_unknown("path rule", rule, where)
    for rule in body.get("routeRules", ()):
        _refuse_unknown("route rule", rule, where)
    by_path = [
        Route(_path_match(path), _action(rule, where))
        for rule in body.get("pathRules", ())
        for path in rule["paths"]
    ]
    by_path.sort(key=lambda route: route.match.specificity, reverse=True)
    by_priority = [
        Route(_rule_match(match), _action(rule, where), _header_action(rule))
        for rule in sorted(body.get("routeRules", ()), key=lambda rule: int(rule["priority"]))
        for match in rule.get("matchRules", ({"prefixMatch": "/"},))
    ]
    last = Route(Match(prefix="/"), _default(body, where))
    return PathMatcher(body["name"], (*by_path, *by_priority, last), _header_action(body))


def _path_match(pattern: str) -> Match:
    if pattern.endswith("/*"):
        return Match(prefix=pattern[:-1])
    return Match(exact=pattern)


def _rule_match(body: Json) -> Match:
    _refuse_unknown("match rule", body)
    for header in body.get("headerMatches", ()):
        _refuse_unknown("header match", header)
    return Match(
        exact=body.get("fullPathMatch"),
        prefix=body.get("prefixMatch"),
        regex=body.get("regexMatch"),
        ignore_case=bool(body.get("ignoreCase")),
        headers=tuple(
            HeaderMatch(
                name=header["headerName"],
                exact=header.get("exactMatch"),
                prefix=header.get("prefixMatch"),
                suffix=header.get("suffixMatch"),
                regex=header.get("regexMatch"),
                present=header.get("presentMatch"),
                invert=bool(header.get("invertMatch")),
            )
            for header in body.get("headerMatches", ())
        ),
    )


def _default(body: Json, where: str) -> Action:
    return _action(
        {
            "service": body.get("defaultService"),
            "urlRedirect": body.get("defaultUrlRedirect"),
            "routeAction": body.get("defaultRouteAction"),
        },
        where,
    )


def _action(rule: Json, where: str) -> Action:
    if redirect := rule.get("urlRedirect"):
        return Redirect(
            status=_STATUS[redirect.get("redirectResponseCode", "MOVED_PERMANENTLY_DEFAULT")],
            https=bool(redirect.get("httpsRedirect")),
            host=redirect.get("hostRedirect"),
            path=redirect.get("pathRedirect"),
            prefix=redirect.get("prefixRedirect"),
            strip_query=bool(redirect.get("stripQuery")),
        )
    route = rule.get("routeAction") or {}
    _refuse_unknown("routeAction", route, where)
    rewrite = route.get("urlRewrite") or {}
    _refuse_unknown("urlRewrite", rewrite, where)
    weighted = tuple(
        Weighted(item["backendService"], int(item.get("weight", 0)), _header_action(item))
        for item in route.get("weightedBackendServices", ())
    )
    service = rule.get("service")
    if not weighted and not service:
        raise NotEmulated(f"{where}: a rule without service and without redirect")
    timeout = route.get("timeout")
    return Forward(
        backends=weighted or (Weighted(str(service), 100),),
        timeout_seconds=None
        if timeout is None
        else int(timeout.get("seconds", 0)) + int(timeout.get("nanos", 0)) / 1e9,
        prefix_rewrite=rewrite.get("pathPrefixRewrite"),
        host_rewrite=rewrite.get("hostRewrite"),
    )


def _header_action(body: Json) -> HeaderAction:
    action = body.get("headerAction") or {}
    return HeaderAction(
        add_request=_headers(action.get("requestHeadersToAdd", ())),
        remove_request=tuple(action.get("requestHeadersToRemove", ())),
        add_response=_headers(action.get("responseHeadersToAdd", ())),
        remove_response=tuple(action.get("responseHeadersToRemove", ())),
    )


def _headers(listed: Sequence[Json]) -> tuple[Header, ...]:
    return tuple(
        Header(item["headerName"], item["headerValue"], bool(item.get("replace")))
        for item in listed
    )
