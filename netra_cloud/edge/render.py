"""From what Terraform applied to strict Envoy configuration: a pure function."""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from netra_cloud.compute.objects import ComputeObjects
from netra_cloud.edge.armor import ArmorFilters, armor_filters
from netra_cloud.edge.clusters import MAX_CONNECTIONS, clusters_of
from netra_cloud.edge.listener import LocalListener, listener
from netra_cloud.edge.routes import Backend, route_configuration
from netra_cloud.edge.run_target import RunTarget, Target
from netra_cloud.edge.url_map import Header, HeaderAction, UrlMap
from netra_cloud.edge.url_map_parser import parse_url_map
from netra_cloud.errors import UnknownObject

Json = dict[str, Any]

CLUSTERS_FILE = "clusters.json"
_ADMIN_SOCKET = "admin.sock"
_MAX_SOCKET_PATH = 100  # bytes; the kernel takes 107


def admin_socket(directory: Path) -> Path:
    """Return where the Envoy of ``directory`` answers: there, unless the path is too long."""
    inside = directory / _ADMIN_SOCKET
    if len(bytes(inside)) <= _MAX_SOCKET_PATH:
        return inside
    name = hashlib.sha256(bytes(directory)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"edge-{name}.sock"


@dataclass(frozen=True)
class EdgeInput:
    """Everything the edge is made of.

    Attributes:
        objects: what Terraform applied.
        targets: what runs behind each Cloud Run service, by service name.
        listeners: port of a forwarding rule -> where it listens here; other rules are left out.
        aliases: host of the URL map -> further hosts treated like it.
        directory: where Envoy reads its dynamic files; absolute.
        local_replies: Envoy's ``local_reply_config`` for what the edge answers by itself.
    """

    objects: ComputeObjects
    targets: Mapping[str, Target]
    listeners: Mapping[int, LocalListener]
    directory: Path
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    local_replies: Json | None = None


@dataclass(frozen=True)
class Rendering:
    """Envoy's configuration.

    Attributes:
        bootstrap: static part, for ``envoy -c``.
        routes: file name -> route configuration.
        clusters: all clusters.
        not_emulated: what Google would do and this edge does not, one line each.
    """

    bootstrap: Json
    routes: Mapping[str, Json]
    clusters: Sequence[Json]
    not_emulated: Sequence[str]


def render(edge: EdgeInput) -> Rendering:
    """Return Envoy's configuration for a load balancer.

    Raises:
        UnknownObject: a link leads nowhere, or no target is given for a service.
        NotEmulated: a field that the local edge cannot do.
    """
    backends = _Backends(edge)
    listeners: list[Json] = []
    routes: dict[str, Json] = {}
    for rule in edge.objects.all("forwardingRules"):
        port = int(str(rule["portRange"]).partition("-")[0])
        local = edge.listeners.get(port)
        if local is None:
            continue
        url_map = _url_map(edge.objects, rule)
        file = f"routes-{rule['name']}.json"
        routes[file] = route_configuration(
            url_map, backends, tls=local.tls is not None, aliases=edge.aliases
        )
        listeners.append(
            listener(rule["name"], local, url_map.name, edge.directory / file, edge.local_replies)
        )
    clusters = [
        cluster
        for target in edge.targets.values()
        if isinstance(target, RunTarget)
        for cluster in clusters_of(target)
    ]
    return Rendering(
        _bootstrap(edge.directory, listeners), routes, clusters, sorted(backends.not_emulated)
    )


def _url_map(objects: ComputeObjects, rule: Mapping[str, Any]) -> UrlMap:
    proxy = _follow(objects, rule["target"], f"forwarding rule {rule['name']}")
    return parse_url_map(_follow(objects, proxy["urlMap"], f"proxy {proxy['name']}"))


def _follow(objects: ComputeObjects, link: str, where: str) -> Json:
    found = objects.get(link)
    if found is None:
        raise UnknownObject(f"{where} refers to {link}, which does not exist")
    return found


class _Backends:
    """Finds what is behind a backend service; remembers what it could not emulate."""

    def __init__(self, edge: EdgeInput) -> None:
        self._edge = edge
        self.not_emulated: set[str] = set()

    def __call__(self, link: str) -> Backend:
        objects = self._edge.objects
        service = _follow(objects, link, "URL map")
        where = f"backend service {service['name']}"
        if not service.get("backends"):
            raise UnknownObject(f"{where} has no backend")
        group = _follow(objects, service["backends"][0]["group"], where)
        run_name = group.get("cloudRun", {}).get("service", "")
        target = self._edge.targets.get(run_name)
        if target is None:
            raise UnknownObject(f"{where}: nothing runs as Cloud Run service {run_name!r}")
        filters = ArmorFilters()
        if policy := service.get("securityPolicy"):
            filters = armor_filters(_follow(objects, policy, where))
            self.not_emulated.update(filters.not_emulated)
        headers = HeaderAction(
            add_request=_custom(service.get("customRequestHeaders", ())),
            add_response=_custom(service.get("customResponseHeaders", ())),
        )
        return Backend(target, headers, filters.per_route)


def _custom(lines: Sequence[str]) -> tuple[Header, ...]:
    pairs = (line.partition(":") for line in lines)
    return tuple(Header(name.strip(), value.strip(), replace=True) for name, _, value in pairs)


def _bootstrap(directory: Path, listeners: Sequence[Json]) -> Json:
    return {
        "node": {"id": "edge", "cluster": "edge"},
        # A socket in the file system: no port, and nobody but this user may ask.
        "admin": {"address": {"pipe": {"path": str(admin_socket(directory)), "mode": 0o600}}},
        "dynamic_resources": {
            "cds_config": {
                "resource_api_version": "V3",
                "path_config_source": {
                    "path": str(directory / CLUSTERS_FILE),
                    "watched_directory": {"path": str(directory)},
                },
            }
        },
        "static_resources": {"listeners": list(listeners)},
        "overload_manager": {
            "resource_monitors": [
                {
                    "name": "envoy.resource_monitors.global_downstream_max_connections",
                    "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.resource_monitors."
                        "downstream_connections.v3.DownstreamConnectionsConfig",
                        "max_active_downstream_connections": MAX_CONNECTIONS,
                    },
                }
            ]
        },
    }
