"""Revisions as Envoy's clusters."""

import ipaddress
from typing import Any

from netra_cloud.edge.run_target import Endpoint, Revision, RunTarget

CONNECT_SECONDS = 1
MAX_CONNECTIONS = 65_536  # Envoy's default of 1,024 per cluster would bound open sockets


def cluster_name(service: str, revision: str) -> str:
    """Return the name of a revision's cluster."""
    return f"{service}/{revision}"


def clusters_of(target: RunTarget) -> list[dict[str, Any]]:
    """Return the clusters of every revision that has an instance."""
    return [_cluster(target.service, r) for r in target.revisions if r.endpoints]


def _is_address(endpoint: Endpoint) -> bool:
    try:
        ipaddress.ip_address(endpoint.host)
    except ValueError:
        return False
    return True


def _cluster(service: str, revision: Revision) -> dict[str, Any]:
    name = cluster_name(service, revision.name)
    bounds = {
        "max_connections": MAX_CONNECTIONS,
        "max_pending_requests": MAX_CONNECTIONS,
        "max_requests": MAX_CONNECTIONS,
    }
    endpoints = [
        {
            "endpoint": {
                "address": {
                    "socket_address": {"address": endpoint.host, "port_value": endpoint.port}
                }
            }
        }
        for endpoint in revision.endpoints
    ]
    return {
        "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
        "name": name,
        "type": "STATIC" if all(map(_is_address, revision.endpoints)) else "STRICT_DNS",
        "connect_timeout": f"{CONNECT_SECONDS}s",
        "circuit_breakers": {"thresholds": [bounds]},
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
    }
