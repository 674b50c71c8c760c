"""Which part refused an upgrade, judged by what is documented of its answers. Pure.

Sources:
    Cloud Run: https://cloud.google.com/run/docs/troubleshooting (401, 403, 429, 500, 503)
    Envoy: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers
    Cloud Armor: https://cloud.google.com/armor/docs/request-logging; its answers carry no mark of
        their own, so only the log (``denied_by_security_policy``) shows that it refused.
    Netra: docs/protocol.md, section 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from netra_client.diagnosis.findings import Refuser

_ERRORS = frozenset(range(400, 600))
_ROUTE = "check the route of this path and whether the backend behind it runs"
ARMOR_LOG = 'jsonPayload.statusDetails="denied_by_security_policy"'


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts that one part alone sends; ``marks`` in lower case."""

    by: Refuser
    statuses: frozenset[int]
    marks: tuple[str, ...]
    whose: str
    remedy: str


_TEXTS = (
    _Texts(
        Refuser.CLOUD_RUN_IAM,
        frozenset({401, 403}),
        (
            "your client does not have permission to get url",
            "your client does not have proper authorization to perform this request",
        ),
        "Cloud Run's answer to callers without run.routes.invoke:",
        "grant roles/run.invoker to allUsers, or disable the invoker check of the service",
    ),
    _Texts(
        Refuser.CLOUD_RUN,
        _ERRORS,
        (
            "the request was aborted because there was no available instance",
            "rate exceeded",
            "the request failed because either the http response was malformed",
        ),
        "Cloud Run's own answer:",
        "check the service's maximum instances, concurrency and its logs",
    ),
    _Texts(
        Refuser.CLOUD_ARMOR,
        _ERRORS,
        ("rbac: access denied", "local_rate_limited"),
        "the emulated Cloud Armor policy's answer:",
        "check the rules of the security policy",
    ),
    _Texts(
        Refuser.EDGE,
        _ERRORS,
        (
            "no healthy upstream",
            "upstream connect error or disconnect/reset before headers",
            "upstream request timeout",
            "stream timeout",
        ),
        "Envoy's own answer:",
        _ROUTE,
    ),
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Who refused, how that was recognised, and what to do."""

    by: Refuser
    signature: str
    remedy: str


def who_refused(status: int, headers: Mapping[str, str], body: bytes) -> Refusal:
    """Return who sent an HTTP answer in place of the upgrade.

    Args:
        status: of the answer.
        headers: names in lower case.
        body: of the answer, or its beginning.
    """
    text = body[:4096].decode("utf-8", "replace").lower()
    if code := _problem_code(headers, body):
        return Refusal(
            Refuser.BACKEND,
            f"a problem document with the code {code}",
            f"look up {code} in docs/protocol.md, section 1",
        )
    for row in _TEXTS:
        if status in row.statuses and (mark := next((m for m in row.marks if m in text), "")):
            return Refusal(row.by, f"{row.whose} {mark!r}", row.remedy)
    return _by_headers(headers)


def _by_headers(headers: Mapping[str, str]) -> Refusal:
    server, via = headers.get("server", ""), headers.get("via", "")
    if server.lower() == "envoy":
        return Refusal(Refuser.EDGE, "server: envoy", _ROUTE)
    if "google" in server.lower() or "google" in via.lower():
        return Refusal(
            Refuser.GOOGLE,
            f"server: {server or 'none'}, via: {via or 'none'}",
            f"search the load balancer's log; Cloud Armor: {ARMOR_LOG}",
        )
    return Refusal(Refuser.UNKNOWN, "no known signature", "read the answer above")


def _problem_code(headers: Mapping[str, str], body: bytes) -> str:
    if "problem+json" not in headers.get("content-type", ""):
        return ""
    try:
        document = msgspec.json.decode(body)
    except msgspec.MsgspecError:
        return ""
    code = document.get("code") if isinstance(document, dict) else None
    return code if isinstance(code, str) else ""
