"""One port of the edge: Envoy's listener and HTTP connection manager."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netra_cloud.edge.access_log import ACCESS_LOG
from netra_cloud.edge.armor import LOCAL_RATE_LIMIT, RBAC
from netra_cloud.edge.trace_context import TRACE_FILTER

Json = dict[str, Any]

# Google waits this long for a client's next request on a kept-alive connection.
KEEP_ALIVE_SECONDS = 610
REQUEST_HEADERS_SECONDS = 10
_API = "type.googleapis.com/envoy.extensions"


@dataclass(frozen=True)
class TlsFiles:
    """PEM files of a listener that terminates TLS."""

    certificate: Path
    private_key: Path


@dataclass(frozen=True)
class LocalListener:
    """Where a forwarding rule of the load balancer listens on this machine.

    Attributes:
        port: local TCP port.
        addresses: local addresses.
        tls: terminates TLS here; without it the port speaks plain HTTP although Google's does not.
    """

    port: int
    addresses: tuple[str, ...] = ("127.0.0.1",)
    tls: TlsFiles | None = None


def listener(
    name: str,
    local: LocalListener,
    route_name: str,
    route_file: Path,
    local_replies: Json | None,
) -> Json:
    """Return Envoy's static listener; its routes come from ``route_file``."""
    first, *others = [_address(address, local.port) for address in local.addresses]
    chain: Json = {
        "filters": [
            {
                "name": "envoy.filters.network.http_connection_manager",
                "typed_config": _manager(name, route_name, route_file, local_replies),
            }
        ]
    }
    if local.tls is not None:
        chain["transport_socket"] = _tls(local.tls)
    return {
        "name": name,
        "address": first,
        "additional_addresses": [{"address": address} for address in others],
        # With port reuse a second edge would share the port silently instead of failing.
        "enable_reuse_port": False,
        "filter_chains": [chain],
    }


def _manager(name: str, route_name: str, route_file: Path, local_replies: Json | None) -> Json:
    manager: Json = {
        "@type": f"{_API}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": name,
        "codec_type": "AUTO",
        "use_remote_address": True,  # the peer is the client: its claims about itself are cleaned
        # Envoy would write its own address for a client on loopback; `routes` writes the list.
        "skip_xff_append": True,
        "early_header_mutation_extensions": [_FORGET_ENVOYS_HEADERS],
        "generate_request_id": False,  # Google's edge has no X-Request-Id; a client's is forwarded
        "server_header_transformation": "PASS_THROUGH",
        "via": "1.1 google",
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "strip_any_host_port": True,
        "delayed_close_timeout": "0.05s",  # the default adds a second to every upstream close
        "request_headers_timeout": f"{REQUEST_HEADERS_SECONDS}s",
        "common_http_protocol_options": {
            "idle_timeout": f"{KEEP_ALIVE_SECONDS}s",
            "headers_with_underscores_action": "DROP_HEADER",
        },
        # Upgrades are refused everywhere but on the routes that allow them.
        "upgrade_configs": [{"upgrade_type": "websocket", "enabled": False}],
        "access_log": [ACCESS_LOG],
        "http_filters": [TRACE_FILTER, *_PROTECTION, _ROUTER],
        "rds": {
            "route_config_name": route_name,
            "config_source": {
                "resource_api_version": "V3",
                "path_config_source": {
                    "path": str(route_file),
                    "watched_directory": {"path": str(route_file.parent)},
                },
            },
        },
    }
    if local_replies is not None:
        manager["local_reply_config"] = local_replies
    return manager


def _tls(files: TlsFiles) -> Json:
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": f"{_API}.transport_sockets.tls.v3.DownstreamTlsContext",
            "common_tls_context": {
                # Browsers open a second, HTTP/1.1 connection for WebSockets.
                "alpn_protocols": ["h2", "http/1.1"],
                "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
                "tls_certificates": [
                    {
                        "certificate_chain": {"filename": str(files.certificate)},
                        "private_key": {"filename": str(files.private_key)},
                    }
                ],
            },
        },
    }


def _address(address: str, port: int) -> Json:
    return {"socket_address": {"address": address, "port_value": port}}


# Envoy believes these from loopback and private addresses, where local clients come from.
_FORGET_ENVOYS_HEADERS: Json = {
    "name": "envoy.http.early_header_mutation.header_mutation",
    "typed_config": {
        "@type": f"{_API}.http.early_header_mutation.header_mutation.v3.HeaderMutation",
        "mutations": [{"remove_on_match": {"key_matcher": {"prefix": "x-envoy-"}}}],
    },
}
# Both do nothing until a route brings its own settings (Cloud Armor policies).
_PROTECTION: list[Json] = [
    {"name": RBAC, "typed_config": {"@type": f"{_API}.filters.http.rbac.v3.RBAC"}},
    {
        "name": LOCAL_RATE_LIMIT,
        "typed_config": {
            "@type": f"{_API}.filters.http.local_ratelimit.v3.LocalRateLimit",
            "stat_prefix": "armor",
        },
    },
]
_ROUTER: Json = {
    "name": "envoy.filters.http.router",
    "typed_config": {
        "@type": f"{_API}.filters.http.router.v3.Router",
        "suppress_envoy_headers": True,
    },
}
