"""The local edge as a value: from a typed description to Envoy's static configuration.

Field names: https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/api
"""

from dataclasses import dataclass
from typing import Any

from netra_ops.services.edge_access_log import ACCESS_LOG
from netra_ops.services.edge_replies import LOCAL_REPLIES, LOST_PAGE, WELCOME_PAGE

Json = dict[str, Any]

MAX_SOCKET_SECONDS = 3600  # Cloud Run's longest request; pings do not extend it
MAX_REQUEST_SECONDS = 60
CONNECT_SECONDS = 1
MAX_CONNECTIONS = 65_536  # Envoy's default of 1,024 per cluster would bound open sockets

LOCAL_HOST_NAMES = ("localhost", "127.0.0.1", "[::1]")

# What a client may claim and only the edge may say. Removal runs before addition, on every route.
FORGEABLE_HEADERS = (
    "x-original-authorization",
    "x-original-websocket-protocol",
    "x-serverless-authorization",
    "x-envoy-external-address",  # this and the next are added by Envoy itself; Google has neither
    "x-envoy-internal",
    "x-goog-authenticated-user-email",
    "x-goog-authenticated-user-id",
    "x-goog-iap-jwt-assertion",
    "x-forwarded-host",
    "forwarded",
)


@dataclass(frozen=True)
class Upstream:
    """Where one service listens."""

    name: str
    port: int
    host: str = "127.0.0.1"


@dataclass(frozen=True)
class EdgeDescription:
    """Everything that distinguishes one local edge from another.

    Args:
        port: what the edge listens on.
        auth: serves /api/auth and /.well-known/jwks.json.
        backend: serves the sockets, the rest of /api, and /health.
        addresses: loopback addresses to listen on.
        host_names: Host values that are answered; any other gets 404, which defeats DNS rebinding.
    """

    port: int
    auth: Upstream
    backend: Upstream
    addresses: tuple[str, ...] = ("127.0.0.1",)
    host_names: tuple[str, ...] = LOCAL_HOST_NAMES


def envoy_configuration(edge: EdgeDescription) -> Json:
    """Return the bootstrap configuration for ``envoy -c``, as JSON data."""
    return {
        "node": {"id": "netra-edge", "cluster": "netra"},
        "overload_manager": _BOUND_CONNECTIONS,
        "static_resources": {
            "listeners": [_listener(edge)],
            "clusters": [_cluster(edge.auth), _cluster(edge.backend)],
        },
    }


def routes(edge: EdgeDescription) -> list[Json]:
    """Return the routes, first match wins."""
    auth, backend = edge.auth.name, edge.backend.name
    return [
        _forward({"path": "/.well-known/jwks.json"}, auth),
        _forward({"path_separated_prefix": "/api/auth"}, auth),
        _socket({"path": "/ws"}, backend),
        _socket({"path": "/websocket"}, backend),
        _forward({"path_separated_prefix": "/api"}, backend),
        _forward({"path_separated_prefix": "/health"}, backend),
        _answer({"path": "/"}, 200, WELCOME_PAGE, "text/html; charset=utf-8"),
        _answer({"prefix": "/"}, 404, LOST_PAGE, "application/problem+json"),
    ]


def _forward(match: Json, cluster: str) -> Json:
    action = {"cluster": cluster, "timeout": f"{MAX_REQUEST_SECONDS}s", "retry_policy": _RETRY}
    return {"match": match, "route": action}


def _socket(match: Json, cluster: str) -> Json:
    """Route a WebSocket: no response timeout, no idle timeout, only the total bound."""
    action = {
        "cluster": cluster,
        "timeout": "0s",
        "idle_timeout": f"{MAX_SOCKET_SECONDS}s",
        "max_stream_duration": {"max_stream_duration": f"{MAX_SOCKET_SECONDS}s"},
        "upgrade_configs": [{"upgrade_type": "websocket", "enabled": True}],
    }
    return {"match": match, "route": action}


def _answer(match: Json, status: int, body: str, content_type: str) -> Json:
    header = {"key": "content-type", "value": content_type}
    return {
        "match": match,
        "direct_response": {"status": status, "body": {"inline_string": body}},
        "response_headers_to_add": [
            {"header": header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
        ],
    }


# Only failures before the request was sent: repeating those can never do a thing twice.
_RETRY: Json = {
    "retry_on": "connect-failure,refused-stream",
    "num_retries": 2,
    "retry_back_off": {"base_interval": "0.1s", "max_interval": "0.5s"},
}


# Envoy trusts these from loopback and private addresses, which is where local clients come from.
_FORGET_CLIENT_CLAIMS: Json = {
    "name": "envoy.http.early_header_mutation.header_mutation",
    "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.http.early_header_mutation."
        "header_mutation.v3.HeaderMutation",
        "mutations": [
            {"remove": "x-request-id"},
            {"remove_on_match": {"key_matcher": {"prefix": "x-envoy-"}}},
        ],
    },
}

_BOUND_CONNECTIONS: Json = {
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
}


def _listener(edge: EdgeDescription) -> Json:
    first, *others = [_socket_address(address, edge.port) for address in edge.addresses]
    return {
        "name": "edge",
        "address": first,
        "additional_addresses": [{"address": address} for address in others],
        # With port reuse a second edge would share the port silently instead of failing.
        "enable_reuse_port": False,
        "filter_chains": [
            {
                "filters": [
                    {
                        "name": "envoy.filters.network.http_connection_manager",
                        "typed_config": _connection_manager(edge),
                    }
                ]
            }
        ],
    }


def _connection_manager(edge: EdgeDescription) -> Json:
    return {
        "@type": "type.googleapis.com/envoy.extensions.filters.network."
        "http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "edge",
        "codec_type": "AUTO",
        "use_remote_address": True,  # the peer is the client: its claims about itself are cleaned
        "early_header_mutation_extensions": [_FORGET_CLIENT_CLAIMS],
        "generate_request_id": True,
        "preserve_external_request_id": False,
        "always_set_request_id_in_response": True,
        "server_header_transformation": "PASS_THROUGH",
        "via": "1.1 google",
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "strip_any_host_port": True,
        "delayed_close_timeout": "0.05s",  # the default adds a second to every upstream close
        "request_headers_timeout": "10s",
        "common_http_protocol_options": {"headers_with_underscores_action": "DROP_HEADER"},
        # Upgrades are refused everywhere but on the routes that allow them.
        "upgrade_configs": [{"upgrade_type": "websocket", "enabled": False}],
        "access_log": [ACCESS_LOG],
        "local_reply_config": LOCAL_REPLIES,
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
                    "suppress_envoy_headers": True,
                },
            }
        ],
        "route_config": {
            "name": "edge",
            "request_headers_to_remove": list(FORGEABLE_HEADERS),
            "virtual_hosts": [
                {"name": "netra", "domains": list(edge.host_names), "routes": routes(edge)}
            ],
        },
    }


def _cluster(upstream: Upstream) -> Json:
    endpoint = {"endpoint": {"address": _socket_address(upstream.host, upstream.port)}}
    bounds = {
        "max_connections": MAX_CONNECTIONS,
        "max_pending_requests": MAX_CONNECTIONS,
        "max_requests": MAX_CONNECTIONS,
    }
    return {
        "name": upstream.name,
        "type": "STATIC",
        "connect_timeout": f"{CONNECT_SECONDS}s",
        "circuit_breakers": {"thresholds": [bounds]},
        "load_assignment": {
            "cluster_name": upstream.name,
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
    }


def _socket_address(address: str, port: int) -> Json:
    return {"socket_address": {"address": address, "port_value": port}}
