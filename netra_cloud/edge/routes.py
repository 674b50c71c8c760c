"""A URL map as Envoy's route configuration."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netra_cloud.edge.clusters import cluster_name
from netra_cloud.edge.header_format import envoy_header_fields
from netra_cloud.edge.matches import envoy_match, envoy_redirect
from netra_cloud.edge.run_target import (
    MAX_REQUEST_SECONDS,
    FixedAnswer,
    Page,
    Revision,
    RunTarget,
    Target,
)
from netra_cloud.edge.url_map import (
    Action,
    Forward,
    HeaderAction,
    Match,
    PathMatcher,
    Redirect,
    Route,
    UrlMap,
)
from netra_cloud.errors import NotEmulated

Json = dict[str, Any]

AFFINITY_COOKIE = "GAESA"  # the name Cloud Run uses
_AFFINITY_SECONDS = 30 * 86_400
# Google removes these from a request, beside Connection and what Envoy removes by itself.
_HOP_BY_HOP = ("proxy-authorization", "proxy-authenticate", "proxy-connection", "te", "trailer")
# What Envoy adds for itself and Google's edge does not send.
_ENVOYS_OWN = ("x-envoy-external-address", "x-envoy-internal")


@dataclass(frozen=True)
class Backend:
    """A backend service as the routes need it: what is behind it and its per-route filters."""

    target: Target
    headers: HeaderAction = field(default_factory=HeaderAction)
    filters: Mapping[str, Any] = field(default_factory=dict)


Backends = Callable[[str], Backend]


def route_configuration(
    url_map: UrlMap,
    backends: Backends,
    *,
    tls: bool,
    aliases: Mapping[str, Sequence[str]],
) -> Json:
    """Return Envoy's ``RouteConfiguration`` for a URL map.

    Args:
        url_map: the map.
        backends: gives the backend behind a backend service's link.
        tls: whether the listener terminates TLS; decides what the TLS variables say.
        aliases: host of the map -> further hosts that are treated like it (``localhost``).
    """
    hosts: list[Json] = []
    by_matcher: dict[str, tuple[PathMatcher, list[str]]] = {}
    for host, matcher in url_map.hosts.items():
        domains = by_matcher.setdefault(matcher.name, (matcher, []))[1]
        domains += [host, *aliases.get(host, ())]
    for matcher, domains in by_matcher.values():
        hosts.append(
            {
                "name": matcher.name,
                "domains": list(dict.fromkeys(domains)),
                "routes": [
                    r for route in matcher.routes for r in _routes(route, backends, tls=tls)
                ],
                **envoy_header_fields(matcher.headers, tls=tls),
            }
        )
    if "*" not in url_map.hosts:
        fallback = Route(Match(prefix="/"), url_map.default)
        hosts.append(
            {"name": "default", "domains": ["*"], "routes": [*_routes(fallback, backends, tls=tls)]}
        )
    own = envoy_header_fields(url_map.headers, tls=tls)
    removed = [*_HOP_BY_HOP, *_ENVOYS_OWN, *own.get("request_headers_to_remove", ())]
    forwarded = {
        "header": {
            "key": "x-forwarded-for",
            "value": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%,"
            "%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%",
        },
        "append_action": "APPEND_IF_EXISTS_OR_ADD",
    }
    return {
        "name": url_map.name,
        **own,
        "request_headers_to_remove": removed,
        # Google appends the client's address and its own to what the client claimed.
        "request_headers_to_add": [*own.get("request_headers_to_add", ()), forwarded],
        "virtual_hosts": hosts,
        # The most general header action must not overwrite the most specific one.
        "most_specific_header_mutations_wins": True,
    }


def _routes(route: Route, backends: Backends, *, tls: bool) -> Iterator[Json]:
    match = envoy_match(route.match)
    headers = envoy_header_fields(route.headers, tls=tls)
    action: Action = route.action
    if isinstance(action, Redirect):
        yield {"match": match, "redirect": envoy_redirect(action), **headers}
        return
    if len(action.backends) == 1:
        backend = backends(action.backends[0].service)
        target = backend.target
        if isinstance(target, FixedAnswer):
            for page in target.pages:
                found = match if page.path is None else {"path": page.path}
                yield {"match": found, **_fixed(page), **headers}
            return
        yield from _run_routes(match, action, backend, target, headers, tls=tls)
        return
    yield {"match": match, **headers, "route": _weighted(action, backends, tls=tls)}


def _run_routes(
    match: Json,
    action: Forward,
    backend: Backend,
    target: RunTarget,
    headers: Json,
    *,
    tls: bool,
) -> Iterator[Json]:
    """Yield the routes of one Cloud Run service: pinned clients first, then the split."""
    extra = envoy_header_fields(backend.headers, tls=tls)
    common: Json = {**_merged(extra, headers)}
    if backend.filters:
        common["typed_per_filter_config"] = dict(backend.filters)
    alive = [revision for revision in target.revisions if revision.endpoints]
    if not alive:
        unavailable = {"status": 503, "body": {"inline_string": "Service Unavailable\n"}}
        yield {"match": match, "direct_response": unavailable, **common}
        return
    if target.session_affinity:
        for revision in alive:
            pinned = {**match, "headers": [*match.get("headers", ()), _cookie_match(revision)]}
            cluster = cluster_name(target.service, revision.name)
            yield {
                "match": pinned,
                "route": {**_forward(action, target), "cluster": cluster},
                **common,
            }
    clusters = [
        {
            "name": cluster_name(target.service, revision.name),
            "weight": revision.percent,
            **(_set_cookie(revision) if target.session_affinity else {}),
        }
        for revision in alive
        if revision.percent
    ]
    yield {
        "match": match,
        "route": {**_forward(action, target), "weighted_clusters": {"clusters": clusters}},
        **common,
    }


def _weighted(action: Forward, backends: Backends, *, tls: bool) -> Json:
    """Return a route over several backend services; each revision counts by both its shares."""
    clusters: list[Json] = []
    targets: list[RunTarget] = []
    for share in action.backends:
        backend = backends(share.service)
        target = backend.target
        if not isinstance(target, RunTarget):
            raise NotEmulated(f"a fixed answer among weighted backend services: {target.service}")
        targets.append(target)
        headers = _merged(
            envoy_header_fields(backend.headers, tls=tls),
            envoy_header_fields(share.headers, tls=tls),
        )
        filters = {"typed_per_filter_config": dict(backend.filters)} if backend.filters else {}
        clusters += [
            {
                "name": cluster_name(target.service, revision.name),
                "weight": share.weight * revision.percent,
                **headers,
                **filters,
            }
            for revision in target.revisions
            if revision.endpoints and share.weight * revision.percent
        ]
    if len({target.timeout_seconds for target in targets}) > 1:
        # Envoy bounds a stream by route, not by cluster.
        raise NotEmulated("weighted backend services with different request timeouts")
    return {**_forward(action, targets[0]), "weighted_clusters": {"clusters": clusters}}


def _forward(action: Forward, target: RunTarget) -> Json:
    bound = min(target.timeout_seconds, MAX_REQUEST_SECONDS)
    seconds = f"{min(action.timeout_seconds or bound, bound):g}s"
    rewrite = {
        "prefix_rewrite": action.prefix_rewrite,
        "host_rewrite_literal": action.host_rewrite,
    }
    return {
        "timeout": seconds,
        "idle_timeout": "0s",  # Google bounds the whole request, not its silences
        # `timeout` does not bound an upgraded stream; this does, busy or idle.
        "max_stream_duration": {"max_stream_duration": f"{bound:g}s"},
        "upgrade_configs": [{"upgrade_type": "websocket", "enabled": True}],
        **{name: value for name, value in rewrite.items() if value},
    }


def _merged(first: Json, second: Json) -> Json:
    """Join header fields of a backend service and a URL map; the map is named last and wins."""
    names = {item["header"]["key"].lower() for item in second.get("request_headers_to_add", ())}
    kept = [
        item
        for item in first.get("request_headers_to_add", ())
        if item["header"]["key"].lower() not in names
    ]
    joined: Json = {}
    for field_name in {*first, *second}:
        own = kept if field_name == "request_headers_to_add" else first.get(field_name, [])
        joined[field_name] = [*own, *second.get(field_name, [])]
    return joined


def _fixed(answer: Page) -> Json:
    header = {"key": "content-type", "value": answer.content_type}
    return {
        "direct_response": {"status": answer.status, "body": {"inline_string": answer.body}},
        "response_headers_to_add": [
            {"header": header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
        ],
    }


def _cookie_match(revision: Revision) -> Json:
    pattern = rf"(^|.*; ?){AFFINITY_COOKIE}={revision.name}(;.*|$)"
    return {"name": "cookie", "string_match": {"safe_regex": {"regex": pattern}}}


def _set_cookie(revision: Revision) -> Json:
    value = f"{AFFINITY_COOKIE}={revision.name}; Max-Age={_AFFINITY_SECONDS}; Path=/; HttpOnly"
    return {
        "response_headers_to_add": [
            {
                "header": {"key": "set-cookie", "value": value},
                "append_action": "APPEND_IF_EXISTS_OR_ADD",
            }
        ]
    }
