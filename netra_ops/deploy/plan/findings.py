"""What a plan warns of or refuses: settings that are known to break a service of sockets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from netra_ops.deploy.traffic import Split, is_pinned

# Cloud Run's bound: https://docs.cloud.google.com/run/docs/about-concurrency
MAX_CONCURRENCY = 1000
# A fleet of sockets near its cap cannot take the reconnects of a deploy: plan for 60 %.
PLANNED_USE = 0.6
MAX_TIMEOUT_SECONDS = 3600
_DEFAULT_TIMEOUT = "300s"
_RESERVED_PATH = "/healthz"  # never reaches the container on run.app


@dataclass(frozen=True)
class Finding:
    """One warning or refusal.

    Attributes:
        subject: the service it is about.
        message: what is wrong and what to do.
        refuses: True when the deploy must not start.
    """

    subject: str
    message: str
    refuses: bool = False


def service_findings(
    service: str, body: Mapping[str, Any], *, open_sockets: int = 0, has_sockets: bool = False
) -> Iterator[Finding]:
    """Yield what the settings of a service would break.

    Args:
        service: its name.
        body: in the API's JSON form, as it will be.
        open_sockets: how many it carries now.
        has_sockets: it serves WebSockets.
    """
    template = body.get("template", {})
    if has_sockets:
        yield from _socket_findings(service, template)
        yield from _capacity(service, template, open_sockets)
    for container in template.get("containers", ()):
        for name in ("startupProbe", "livenessProbe", "readinessProbe"):
            if container.get(name, {}).get("httpGet", {}).get("path") == _RESERVED_PATH:
                yield Finding(
                    service,
                    f"{name} asks {_RESERVED_PATH}, which Google's front end reserves; "
                    "use another path",
                )


def traffic_findings(service: str, split: Split, latest: str) -> Iterator[Finding]:
    """Yield what is unusual about the traffic that serves now."""
    if is_pinned(split):
        names = ", ".join(f"{t.revision} {t.percent} %" for t in split if t.percent)
        yield Finding(
            service,
            f"traffic is pinned ({names}), so other tools deploy 0 %; "
            f"latest is {latest}; this deploy un-pins it",
        )


def _socket_findings(service: str, template: Mapping[str, Any]) -> Iterator[Finding]:
    for container in template.get("containers", ()):
        ports = container.get("ports", ())
        for port in [ports] if isinstance(ports, Mapping) else ports:
            if port.get("name") == "h2c":
                yield Finding(
                    service,
                    "port h2c (end-to-end HTTP/2) answers WebSockets with 503; name it http1",
                    refuses=True,
                )
    seconds = float(str(template.get("timeout", _DEFAULT_TIMEOUT)).removesuffix("s"))
    if seconds < MAX_TIMEOUT_SECONDS:
        yield Finding(
            service,
            f"the request timeout ends every socket after {seconds:g} s; "
            f"set {MAX_TIMEOUT_SECONDS}s",
        )


def _capacity(service: str, template: Mapping[str, Any], open_sockets: int) -> Iterator[Finding]:
    concurrency = int(template.get("maxInstanceRequestConcurrency", 80))
    instances = int(template.get("scaling", {}).get("maxInstanceCount", 100))
    if concurrency > MAX_CONCURRENCY:
        yield Finding(
            service,
            f"concurrency {concurrency} is above Cloud Run's {MAX_CONCURRENCY}; lower it",
            refuses=True,
        )
    room = int(concurrency * instances * PLANNED_USE)
    if open_sockets > room:
        yield Finding(
            service,
            f"{open_sockets} open sockets are above 60 % of what {instances} instances of "
            f"{concurrency} carry ({room}), so reconnects of this deploy could fail; "
            "raise maxInstanceCount first",
        )
