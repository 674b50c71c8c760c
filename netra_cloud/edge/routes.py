"""A URL map as Envoy's route configuration."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netra_cloud.edge.clusters import cluster_name
from netra_cloud.edge.header_chain import chained
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
# Google removes these from a request; Envoy removes Connection and what it names.
_HOP_BY_HOP = ("proxy-authorization", "proxy-authenticate", "proxy-connection", "te", "trailer")
# What Envoy adds for itself and Google's edge does not send.
_ENVOYS_OWN = ("x-envoy-external-address", "x-envoy-internal")


@dataclass(frozen=True)
class Backend:
    """A backend service as the routes need it: its target, headers and per-route filters."""

    target: Target
    headers: HeaderAction = field(default_factory=HeaderAction)
    filters: Mapping[str, Any] = field(default_factory=dict)


Backends = Callable[[str], Backend]
_NO_HEADERS = HeaderAction()


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
        outer = (matcher.headers, url_map.headers)
        writer = _RouteWriter(backends, outer, tls=tls)
        hosts.append(
            {
                "name": matcher.name,
                "domains": list(dict.fromkeys(domains)),
                "routes": [r for route in matcher.routes for r in writer.routes(route)],
            }
        )
    if "*" not in url_map.hosts:
        writer = _RouteWriter(backends, (url_map.headers,), tls=tls)
        fallback = Route(Match(prefix="/"), url_map.default)
        hosts.append({"name": "default", "domains": ["*"], "routes": [*writer.routes(fallback)]})
    return {
        "name": url_map.name,
        "request_headers_to_remove": [*_HOP_BY_HOP, *_ENVOYS_OWN],
        "request_headers_to_add": [_FORWARDED_FOR],
        "virtual_hosts": hosts,
        # What a URL map sets under these names is more specific.
        "most_specific_header_mutations_wins": True,
    }


# Google appends the client's address and its own to what the client claimed.
_FORWARDED_FOR: Json = {
    "header": {
        "key": "x-forwarded-for",
        "value": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%,%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%",
    },
    "append_action": "APPEND_IF_EXISTS_OR_ADD",
}


class _RouteWriter:
    """Writes the routes of one virtual host.

    Args:
        backends: gives the backend behind a backend service's link.
        outer: header actions of the path matcher and of the URL map.
        tls: whether the listener terminates TLS.
    """

    def __init__(self, backends: Backends, outer: Sequence[HeaderAction], *, tls: bool) -> None:
        self._backends, self._outer, self._tls = backends, outer, tls

    def routes(self, route: Route) -> Iterator[Json]:
        """Yield Envoy's routes for one rule of the URL map."""
        match = envoy_match(route.match)
        action: Action = route.action
        if isinstance(action, Redirect):
            headers = self._headers(_NO_HEADERS, route.headers)
            yield {"match": match, "redirect": envoy_redirect(action), **headers}
            return
        if len(action.backends) > 1:
            yield {"match": match, "route": self._weighted(action, route.headers)}
            return
        share = action.backends[0]
        backend = self._backends(share.service)
        headers = self._headers(backend.headers, share.headers, route.headers)
        if isinstance(backend.target, FixedAnswer):
            for page in backend.target.pages:
                found = match if page.path is None else {"path": page.path}
                yield {"match": found, **_fixed(page, headers)}
            return
        yield from _run_routes(match, action, backend, backend.target, headers)

    def _headers(self, backend: HeaderAction, *inner: HeaderAction) -> Json:
        return envoy_header_fields(chained(backend, (*inner, *self._outer)), tls=self._tls)

    def _weighted(self, action: Forward, route_headers: HeaderAction) -> Json:
        """Return a route over several backend services; a revision counts by both its shares."""
        clusters: list[Json] = []
        targets: list[RunTarget] = []
        for share in action.backends:
            backend = self._backends(share.service)
            target = backend.target
            if not isinstance(target, RunTarget):
                raise NotEmulated(
                    f"a fixed answer among weighted backend services: {target.service}"
                )
            targets.append(target)
            headers = self._headers(backend.headers, share.headers, route_headers)
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


def _run_routes(
    match: Json, action: Forward, backend: Backend, target: RunTarget, headers: Json
) -> Iterator[Json]:
    """Yield the routes of one Cloud Run service: pinned clients first, then the split."""
    common: Json = dict(headers)
    if backend.filters:
        common["typed_per_filter_config"] = dict(backend.filters)
    alive = [revision for revision in target.revisions if revision.endpoints]
    if not alive:
        unavailable = {"status": 503, "body": {"inline_string": "Service Unavailable\n"}}
        yield {"match": match, "direct_response": unavailable, **common}
        return
    if target.session_affinity:
        # A cookie does not hold a client on a revision without traffic
        # (docs.cloud.google.com/run/docs/configuring/session-affinity).
        for revision in (one for one in alive if one.percent):
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


def _fixed(answer: Page, headers: Json) -> Json:
    header = {"key": "content-type", "value": answer.content_type}
    own = {"header": header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
    return {
        **headers,
        "direct_response": {"status": answer.status, "body": {"inline_string": answer.body}},
        "response_headers_to_add": [own, *headers.get("response_headers_to_add", ())],
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
