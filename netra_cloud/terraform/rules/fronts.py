"""Forwarding rules and proxies: what they may lead to."""

from collections.abc import Iterator

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Options, Rule, Severity, Violation
from netra_cloud.terraform.rules.graph import (
    BACKEND_SERVICES,
    REGION_URL_MAP,
    URL_MAP,
    URL_MAPS,
    scheme_of,
)

GLOBAL_PROXIES = ("google_compute_target_http_proxy", "google_compute_target_https_proxy")
REGION_PROXIES = (
    "google_compute_region_target_http_proxy",
    "google_compute_region_target_https_proxy",
)
FORWARDING_RULES = (
    "google_compute_forwarding_rule",
    "google_compute_global_forwarding_rule",
)
_BACKENDS = "https://cloud.google.com/load-balancing/docs/backend-service"


def _backends(rule: Resource, configuration: Configuration) -> Iterator[Resource]:
    """Yield the backend services that a forwarding rule reaches through a proxy and a URL map."""
    for proxy in configuration.referenced(rule.body, "target"):
        for url_map in configuration.referenced(proxy.body, "url_map"):
            if url_map.type in URL_MAPS:
                for service in configuration.resolve(url_map.body.references()):
                    if service.type in BACKEND_SERVICES:
                        yield service


def _schemes(resource: Resource, configuration: Configuration, _: Options) -> Iterator[Violation]:
    scheme = scheme_of(resource, configuration)
    for service in _backends(resource, configuration):
        other = scheme_of(service, configuration)
        # A classic rule may lead to EXTERNAL_MANAGED services: that is how balancers are migrated.
        if scheme is None or other is None or scheme == other:
            continue
        if (scheme, other) != ("EXTERNAL", "EXTERNAL_MANAGED"):
            detail = f"the rule is {scheme}, {service.address} is {other}"
            yield Violation(resource.body, "load_balancing_scheme", detail)
            return


def _kinds(resource: Resource, configuration: Configuration, _: Options) -> Iterator[Violation]:
    wanted = URL_MAP if resource.type in GLOBAL_PROXIES else REGION_URL_MAP
    for url_map in configuration.referenced(resource.body, "url_map"):
        if url_map.type in URL_MAPS and url_map.type != wanted:
            yield Violation(resource.body, "url_map", f"{resource.type} with {url_map.type}")


RULES = (
    Rule(
        id="scheme-mismatch",
        severity=Severity.ERROR,
        title="a forwarding rule and its backend service of different schemes",
        types=FORWARDING_RULES,
        why="A backend service that was created for one type of load balancer cannot be used with "
        "another.",
        remedy='write load_balancing_scheme = "EXTERNAL_MANAGED" on both',
        reference="google/cloud/compute/v1/compute.proto, BackendService.load_balancing_scheme; "
        f"{_BACKENDS}",
        check=_schemes,
        needs_configuration=True,
    ),
    Rule(
        id="proxy-of-another-kind",
        severity=Severity.ERROR,
        title="a global proxy with a regional URL map, or the reverse",
        types=(*GLOBAL_PROXIES, *REGION_PROXIES),
        why="Global proxies take urlMaps, regional ones regionUrlMaps of their region.",
        remedy="use the resource types of one kind for map, proxy and forwarding rule",
        reference="https://cloud.google.com/load-balancing/docs/url-map-concepts",
        check=_kinds,
        needs_configuration=True,
    ),
)
