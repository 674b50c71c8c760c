"""Google's header variables and header changes as Envoy writes them.

Envoy: https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/observability/access_log/usage
"""

import re
from typing import Any

from netra_cloud.edge.url_map import Header, HeaderAction
from netra_cloud.errors import NotEmulated
from netra_cloud.terraform.header_rules import VARIABLES

_VARIABLE = re.compile(r"\{([a-z0-9_]+)\}")

# What the local edge knows. Everything else (geography, CDN, client certificates) is empty, as it
# is at Google when a value cannot be determined.
_PLAIN = {
    "client_ip_address": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "client_port": "%DOWNSTREAM_REMOTE_PORT%",
    "client_protocol": "%PROTOCOL%",
    "server_ip_address": "%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%",
    "server_port": "%DOWNSTREAM_LOCAL_PORT%",
    "client_encrypted": "false",
}
_TLS = {
    **_PLAIN,
    "client_encrypted": "true",
    "tls_version": "%DOWNSTREAM_TLS_VERSION%",
    "tls_cipher_suite": "%DOWNSTREAM_TLS_CIPHER%",
    "tls_sni_hostname": "%REQUESTED_SERVER_NAME%",
}


def envoy_value(value: str, *, tls: bool) -> str:
    """Return a Google header value in Envoy's notation.

    Raises:
        NotEmulated: the value has a variable that Google does not know either.
    """
    known = _TLS if tls else _PLAIN

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in VARIABLES:
            raise NotEmulated(f"header variable {{{name}}}")
        return known.get(name, "")

    return _VARIABLE.sub(replace, value.replace("%", "%%"))


def _added(headers: tuple[Header, ...], *, tls: bool) -> list[dict[str, Any]]:
    return [
        {
            "header": {"key": header.name, "value": envoy_value(header.value, tls=tls)},
            "append_action": (
                "OVERWRITE_IF_EXISTS_OR_ADD" if header.replace else "APPEND_IF_EXISTS_OR_ADD"
            ),
            # Without this an empty value adds nothing, and the client's own header survives.
            "keep_empty_value": True,
        }
        for header in headers
    ]


def envoy_header_fields(action: HeaderAction, *, tls: bool) -> dict[str, Any]:
    """Return the four header fields that Envoy has on routes, hosts and weighted clusters.

    Names to be replaced are removed too: Envoy removes before it adds, so nothing a client sent
    under such a name can survive, however often it sent it.
    """
    removed = [*action.remove_request, *(h.name for h in action.add_request if h.replace)]
    fields = {
        "request_headers_to_add": _added(action.add_request, tls=tls),
        "request_headers_to_remove": list(dict.fromkeys(name.lower() for name in removed)),
        "response_headers_to_add": _added(action.add_response, tls=tls),
        "response_headers_to_remove": [name.lower() for name in action.remove_response],
    }
    return {name: value for name, value in fields.items() if value}
