"""What a backend service may not say once its backend is a serverless endpoint group."""

from collections.abc import Iterator

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Options, Rule, Severity, Violation
from netra_cloud.terraform.rules.defaults import differs_from_default
from netra_cloud.terraform.rules.graph import (
    BACKEND_SERVICE,
    BACKEND_SERVICES,
    REGION_BACKEND_SERVICE,
    URL_MAPS,
    is_serverless,
    scheme_of,
)
from netra_cloud.terraform.rules.socket_routes import socket_backends

_NEG_CONCEPTS = "https://cloud.google.com/load-balancing/docs/negs/serverless-neg-concepts"
_CAPACITY = (
    "balancing_mode",
    "capacity_scaler",
    "max_connections",
    "max_connections_per_endpoint",
    "max_connections_per_instance",
    "max_rate",
    "max_rate_per_endpoint",
    "max_rate_per_instance",
    "max_utilization",
)


def _timeout(resource: Resource, configuration: Configuration, _: Options) -> Iterator[Violation]:
    if differs_from_default(resource.body, "timeout_sec") and is_serverless(
        resource, configuration
    ):
        value = resource.body.get("timeout_sec")
        yield Violation(
            resource.body, "timeout_sec", f"timeout_sec = {value} on a serverless backend"
        )


def _health_checks(
    resource: Resource, configuration: Configuration, _: Options
) -> Iterator[Violation]:
    if differs_from_default(resource.body, "health_checks") and is_serverless(
        resource, configuration
    ):
        yield Violation(resource.body, "health_checks", "health_checks on a serverless backend")


def _port_name(resource: Resource, configuration: Configuration, _: Options) -> Iterator[Violation]:
    if differs_from_default(resource.body, "port_name") and is_serverless(resource, configuration):
        yield Violation(resource.body, "port_name", "port_name on a serverless backend")


def _capacity(resource: Resource, configuration: Configuration, _: Options) -> Iterator[Violation]:
    if not is_serverless(resource, configuration):
        return
    for backend in resource.body.all("backend"):
        for name in _CAPACITY:
            if differs_from_default(backend, name):
                yield Violation(backend, name, f"{name} on a serverless backend")


def _affinity(resource: Resource, configuration: Configuration, _: Options) -> Iterator[Violation]:
    if not is_serverless(resource, configuration):
        return
    for name in ("session_affinity", "affinity_cookie_ttl_sec", "locality_lb_policy"):
        if differs_from_default(resource.body, name):
            yield Violation(resource.body, name, f"{name} on a serverless backend has no effect")


def _scheme_unsaid(
    resource: Resource, configuration: Configuration, _: Options
) -> Iterator[Violation]:
    is_open = scheme_of(resource, configuration) is None
    if is_open and not resource.body.has("load_balancing_scheme"):
        yield Violation(resource.body, None, f"{resource.address} leaves its scheme to the default")


def _classic(resource: Resource, configuration: Configuration, _: Options) -> Iterator[Violation]:
    if scheme_of(resource, configuration) == "EXTERNAL":
        yield Violation(
            resource.body, "load_balancing_scheme", "EXTERNAL is the classic load balancer"
        )


def _unreferenced(
    resource: Resource, configuration: Configuration, _: Options
) -> Iterator[Violation]:
    has_maps = any(True for _ in configuration.of_type(*URL_MAPS))
    if has_maps and resource.address in configuration.unused:
        yield Violation(resource.body, None, f"nothing sends requests to {resource.address}")


def _http2(
    resource: Resource, configuration: Configuration, options: Options
) -> Iterator[Violation]:
    sockets = {backend.address for backend in socket_backends(configuration, options)}
    if resource.address in sockets and resource.body.get("protocol") in ("HTTP2", "H2C"):
        yield Violation(resource.body, "protocol", "WebSockets routed to an HTTP/2 backend")


def _regional_scheme(
    resource: Resource, configuration: Configuration, _: Options
) -> Iterator[Violation]:
    scheme = scheme_of(resource, configuration)
    if scheme in {"EXTERNAL", "INTERNAL"} and is_serverless(resource, configuration):
        yield Violation(
            resource.body,
            "load_balancing_scheme",
            f"{scheme} on a regional backend service with a serverless backend",
        )


_TYPES = BACKEND_SERVICES

RULES = (
    Rule(
        id="serverless-timeout",
        severity=Severity.ERROR,
        title="timeout_sec on a serverless backend",
        types=_TYPES,
        why="Google refuses the backend service. The timeout towards a serverless backend is fixed "
        "at 60 minutes; what ends a request, and a socket, sooner is Cloud Run's own timeout.",
        remedy="remove timeout_sec; set template.timeout of the Cloud Run service (at most 3600s)",
        reference="https://github.com/terraform-google-modules/terraform-google-lb-http/issues/355",
        api_error="Invalid value for field 'resource.timeoutSec': '{value}'. Timeout sec is not "
        "supported for a backend service with Serverless network endpoint groups.",
        check=_timeout,
        needs_configuration=True,
    ),
    Rule(
        id="serverless-health-check",
        severity=Severity.ERROR,
        title="health_checks on a serverless backend",
        types=_TYPES,
        why="Google refuses the backend service. Health of a serverless backend is Cloud Run's: "
        "startup, liveness and readiness probes of the revision.",
        remedy="remove health_checks; write probes in the Cloud Run service",
        reference=_NEG_CONCEPTS,
        api_error="Invalid value for field 'resource.healthChecks': ''. A backend service cannot "
        "have a healthcheck with Serverless network endpoint group backends.",
        check=_health_checks,
        needs_configuration=True,
    ),
    Rule(
        id="serverless-port-name",
        severity=Severity.ERROR,
        title="port_name on a serverless backend",
        types=_TYPES,
        why="Google refuses the backend service: named ports belong to instance groups.",
        remedy="remove port_name; the port is containers.ports of the Cloud Run service",
        reference=_NEG_CONCEPTS,
        api_error="Port name is not supported for a backend service with Serverless network "
        "endpoint groups.",
        check=_port_name,
        needs_configuration=True,
    ),
    Rule(
        id="serverless-capacity",
        severity=Severity.ERROR,
        title="balancing mode or capacity on a serverless backend",
        types=_TYPES,
        why="A serverless endpoint group has no instances to measure: modes, rates and scalers "
        "cannot be used with it.",
        remedy="keep only `group` in the backend block; limit load with Cloud Run concurrency, "
        "max_instance_count and Cloud Armor",
        reference=_NEG_CONCEPTS,
        check=_capacity,
        needs_configuration=True,
    ),
    Rule(
        id="serverless-regional-scheme",
        severity=Severity.ERROR,
        title="a regional scheme that takes no serverless backend",
        types=(REGION_BACKEND_SERVICE,),
        why="Google refuses the backend service: EXTERNAL and INTERNAL are the schemes of network "
        "load balancers, which have no serverless backends.",
        remedy='write load_balancing_scheme = "EXTERNAL_MANAGED" or "INTERNAL_MANAGED"',
        reference="https://github.com/hashicorp/terraform-provider-google/issues/9372",
        api_error="Invalid value for field 'resource.loadBalancingScheme': '{value}'. Invalid load "
        "balancing scheme for regional backend service with Serverless network endpoint groups.",
        check=_regional_scheme,
        needs_configuration=True,
    ),
    Rule(
        id="serverless-affinity",
        severity=Severity.WARNING,
        title="session affinity of the load balancer on a serverless backend",
        types=_TYPES,
        why="Accepted and without effect: the load balancer sees one endpoint, not instances.",
        remedy="set template.session_affinity = true in the Cloud Run service",
        reference="https://cloud.google.com/run/docs/configuring/session-affinity",
        check=_affinity,
        needs_configuration=True,
    ),
    Rule(
        id="scheme-unsaid",
        severity=Severity.WARNING,
        title="load_balancing_scheme left to the default",
        types=(BACKEND_SERVICE, "google_compute_global_forwarding_rule"),
        why="The default became EXTERNAL_MANAGED with version 8.0 of the provider; before that it "
        "was EXTERNAL. The same file gives two different load balancers.",
        remedy='write load_balancing_scheme = "EXTERNAL_MANAGED"',
        reference="https://registry.terraform.io/providers/hashicorp/google/latest/docs/guides/"
        "version_8_upgrade",
        check=_scheme_unsaid,
    ),
    Rule(
        id="classic-scheme",
        severity=Severity.WARNING,
        title="EXTERNAL: the classic load balancer",
        types=(BACKEND_SERVICE, "google_compute_global_forwarding_rule"),
        why="The classic load balancer ignores header actions, route actions other than URL "
        "rewrites and outlier detection.",
        remedy='write "EXTERNAL_MANAGED" on the backend services and on all forwarding rules',
        reference="https://cloud.google.com/load-balancing/docs/features",
        check=_classic,
    ),
    Rule(
        id="backend-unreferenced",
        severity=Severity.WARNING,
        title="a backend service that nothing uses",
        types=_TYPES,
        why="No URL map, proxy, forwarding rule or output refers to it: it serves no request.",
        remedy="route a path to it, or remove it",
        reference="https://cloud.google.com/load-balancing/docs/url-map-concepts",
        check=_unreferenced,
        needs_configuration=True,
    ),
    Rule(
        id="sockets-over-http2",
        severity=Severity.ERROR,
        title="WebSockets to an HTTP/2 backend",
        types=_TYPES,
        why="With HTTP/2 end to end the upgrade of HTTP/1.1 does not exist; handshakes end in 503.",
        remedy='write protocol = "HTTPS" and name the container port http1',
        reference="https://github.com/spellshift/realm/issues/726",
        check=_http2,
        needs_configuration=True,
    ),
)
