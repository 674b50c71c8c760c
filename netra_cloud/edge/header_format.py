"""Google's header variables and header changes in Envoy's notation.

Google: https://cloud.google.com/load-balancing/docs/https/custom-headers-global (variables).
Envoy: https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/observability/access_log/usage
"""

import re
from collections.abc import Iterable
from typing import Any

from netra_cloud.edge.header_chain import Change, Changes
from netra_cloud.errors import NotEmulated
from netra_cloud.terraform.header_rules import VARIABLES

_PART = re.compile(r"\{\{|\}\}|\{([a-z0-9_]+)\}|%")
_LITERALS = {"{{": "{", "}}": "}", "%": "%%"}  # doubled braces are literal; Envoy doubles percent

# What the local edge knows. Everything else (geography, CDN, client certificates) is empty, as it
# is at Google when a value cannot be determined.
_PLAIN = {
    "client_ip_address": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "client_port": "%DOWNSTREAM_REMOTE_PORT%",
    "client_protocol": "%PROTOCOL%",
    "origin_request_header": "%REQ(ORIGIN)%",
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
_NOT_JOINED = frozenset({"set-cookie"})  # RFC 9110 section 5.3: its values stay separate fields


def envoy_value(value: str, *, tls: bool) -> str:
    """Return a Google header value in Envoy's notation.

    Raises:
        NotEmulated: the value has a variable that Google does not know.
    """
    known = _TLS if tls else _PLAIN

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        if name is None:
            return _LITERALS[match.group()]
        if name not in VARIABLES:
            raise NotEmulated(f"header variable {{{name}}}")
        return known.get(name, "")

    return _PART.sub(replace, value)


def _added(changes: Iterable[Change], *, tls: bool) -> list[dict[str, Any]]:
    """Return the additions; the values of one header are one field, joined by commas."""
    fields: list[tuple[str, str]] = []
    for change in changes:
        values = [envoy_value(value, tls=tls) for value in change.values]
        if values and change.name.lower() not in _NOT_JOINED:
            values = [",".join(value for value in values if value or len(values) == 1)]
        fields += [(change.name, value) for value in values]
    return [
        {
            "header": {"key": name, "value": value},
            "append_action": "APPEND_IF_EXISTS_OR_ADD",
            # Without this an empty value adds nothing, and the client's own header survives.
            "keep_empty_value": True,
        }
        for name, value in fields
    ]


def envoy_header_fields(changes: Changes, *, tls: bool) -> dict[str, Any]:
    """Return the four header fields that Envoy has on routes and weighted clusters.

    A replaced header is removed and added: Envoy removes before it adds, so every copy that a
    client sent is dropped.
    """
    fields = {
        "request_headers_to_add": _added(changes.request, tls=tls),
        "request_headers_to_remove": [c.name.lower() for c in changes.request if c.drops],
        "response_headers_to_add": _added(changes.response, tls=tls),
        "response_headers_to_remove": [c.name.lower() for c in changes.response if c.drops],
    }
    return {name: value for name, value in fields.items() if value}
