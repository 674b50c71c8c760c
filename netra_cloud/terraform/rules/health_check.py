"""Load-balancer health checks towards Cloud Run."""

from collections.abc import Iterator

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Options, Rule, Severity, Violation

_KINDS = (
    "http_health_check",
    "https_health_check",
    "http2_health_check",
    "tcp_health_check",
    "ssl_health_check",
)


def _proxy_header(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for kind in _KINDS:
        for check in resource.body.all(kind):
            if check.get("proxy_header") == "PROXY_V1":
                yield Violation(check, "proxy_header", "PROXY_V1 before each probe")


RULES = (
    Rule(
        id="probe-with-proxy-header",
        severity=Severity.WARNING,
        title="health check that starts with a PROXY line",
        types=("google_compute_health_check",),
        why="Each probe starts with a line `PROXY …`. A server that does not expect it answers "
        '400 (uvicorn: "Invalid HTTP request received"), so every backend counts as unhealthy.',
        remedy='write proxy_header = "NONE" or leave it out',
        reference="https://cloud.google.com/load-balancing/docs/health-check-concepts",
        check=_proxy_header,
    ),
)
