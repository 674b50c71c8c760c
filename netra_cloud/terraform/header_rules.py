"""What Google's load balancer knows about custom headers: variables and forbidden names.

Source: https://cloud.google.com/load-balancing/docs/https/custom-headers-global
"""

import re

VARIABLES = frozenset(
    {
        "cdn_cache_id",
        "cdn_cache_status",
        "origin_request_header",
        "client_rtt_msec",
        "client_region",
        "client_region_subdivision",
        "client_city",
        "client_city_lat_long",
        "client_ip_address",
        "client_port",
        "client_encrypted",
        "client_protocol",
        "device_request_type",
        "user_agent_family",
        "server_ip_address",
        "server_port",
        "tls_sni_hostname",
        "tls_version",
        "tls_cipher_suite",
        "tls_ja3_fingerprint",
        "tls_ja4_fingerprint",
        "client_cert_present",
        "client_cert_chain_verified",
        "client_cert_error",
        "client_cert_sha256_fingerprint",
        "client_cert_serial_number",
        "client_cert_spiffe_id",
        "client_cert_uri_sans",
        "client_cert_dnsname_sans",
        "client_cert_valid_not_before",
        "client_cert_valid_not_after",
        "client_cert_issuer_dn",
        "client_cert_subject_dn",
        "client_cert_leaf",
        "client_cert_chain",
    }
)
HOP_BY_HOP = frozenset(
    {
        *("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"),
        *("proxy-authenticate", "proxy-authorization"),
    }
)
RESERVED = frozenset({"host", "authority", "x-user-ip", "cdn-loop"})
RESERVED_PREFIXES = ("x-google", "x-goog-", "x-gfe", "x-amz-")
_TOKEN = re.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")  # RFC 9110 section 5.6.2
_VARIABLE = re.compile(r"\{([^{}]*)\}")


def unknown_variables(value: str) -> list[str]:
    """Return the names in braces that Google does not replace."""
    unescaped = value.replace("{{", "").replace("}}", "")  # literal braces are doubled
    return [name for name in _VARIABLE.findall(unescaped) if name not in VARIABLES]


def why_forbidden(name: str) -> str | None:
    """Return why Google refuses a custom header of this name, or None when it does not."""
    lower = name.lower()
    if not _TOKEN.match(name):
        return "is no header name (RFC 9110)"
    if lower in HOP_BY_HOP:
        return "is a hop-by-hop header, which the load balancer sets itself"
    if lower in RESERVED:
        return "is reserved by Google"
    if lower.startswith(RESERVED_PREFIXES):
        return "starts with a prefix reserved by Google"
    return None
