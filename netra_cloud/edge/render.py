"""From what Terraform applied to strict Envoy configuration: a pure function."""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from netra_cloud.compute.objects import ComputeObjects
from netra_cloud.edge.backends import Backends, follow
from netra_cloud.edge.clusters import MAX_CONNECTIONS, clusters_of
from netra_cloud.edge.listener import LocalListener, listener
from netra_cloud.edge.routes import route_configuration
from netra_cloud.edge.run_target import RunTarget, Target
from netra_cloud.edge.url_map_parser import parse_url_map
from netra_cloud.errors import InvalidObject, NothingListens

Json = dict[str, Any]

_PROXIES = ("targetHttpProxies", "targetHttpsProxies")
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
        NothingListens: no forwarding rule of a given port leads to a URL map.
        UnknownObject: a link leads nowhere, or no target is given for a service.
        NotEmulated: a field that the local edge cannot do.
        InvalidObject: a field is missing or has a value of the wrong type.
    """
    try:
        return _rendering(edge)
    except KeyError as error:
        raise InvalidObject(f"an object lacks the field {error}") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidObject(
            f"a field of an object has a value of the wrong type: {error}"
        ) from error


def _rendering(edge: EdgeInput) -> Rendering:
    backends = Backends(edge.objects, edge.targets)
    listeners: list[Json] = []
    routes: dict[str, Json] = {}
    served: dict[LocalListener, str] = {}
    for rule in edge.objects.all("forwardingRules"):
        local = edge.listeners.get(port_of(rule) or 0)
        link = _url_map_link(edge.objects, rule) if local is not None else None
        if local is None or link is None:
            continue
        if local in served:  # IPv4 and IPv6 of one load balancer
            if served[local] != link:
                backends.not_emulated.add(
                    f"forwarding rule {rule['name']}: its port already serves another URL map here"
                )
            continue
        served[local] = link
        url_map = parse_url_map(follow(edge.objects, link, f"forwarding rule {rule['name']}"))
        file = f"routes-{rule['name']}.json"
        routes[file] = route_configuration(
            url_map, backends, tls=local.tls is not None, aliases=edge.aliases
        )
        listeners.append(
            listener(rule["name"], local, url_map.name, edge.directory / file, edge.local_replies)
        )
    if not listeners:
        raise NothingListens(_why_nothing_listens(edge))
    clusters = [
        cluster
        for target in edge.targets.values()
        if isinstance(target, RunTarget)
        for cluster in clusters_of(target)
    ]
    return Rendering(
        _bootstrap(edge.directory, listeners), routes, clusters, sorted(backends.not_emulated)
    )


def port_of(rule: Mapping[str, Any]) -> int | None:
    """Return the first port of a forwarding rule, None when it has none."""
    written = rule.get("portRange") or next(iter(rule.get("ports") or ()), "")
    first = str(written).partition("-")[0]
    return int(first) if first.isdecimal() else None


def _url_map_link(objects: ComputeObjects, rule: Mapping[str, Any]) -> str | None:
    """Return the link to the URL map behind a rule; None for a proxy without one (TCP, SSL)."""
    target = rule.get("target")
    if target is None or not any(f"/{name}/" in str(target) for name in _PROXIES):
        return None
    proxy = follow(objects, target, f"forwarding rule {rule['name']}")
    link = proxy.get("urlMap")
    return None if link is None else str(link)


def _why_nothing_listens(edge: EdgeInput) -> str:
    rules = [
        f"{r['name']} (port {port_of(r) or 'unknown'})" for r in edge.objects.all("forwardingRules")
    ]
    wanted = ", ".join(str(port) for port in sorted(edge.listeners))
    if not rules:
        return "there is no forwarding rule, so the load balancer would listen nowhere"
    return f"no forwarding rule leads from port {wanted} to a URL map; there are {', '.join(rules)}"


def _bootstrap(directory: Path, listeners: Sequence[Json]) -> Json:
    return {
        "node": {"id": "edge", "cluster": "edge"},
        # A socket in the file system: no port, readable by this user alone.
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
