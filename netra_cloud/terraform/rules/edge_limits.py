"""What else a serverless edge may not say: certificates, CDN, regions, sizes, expressions."""

import re
from collections import Counter
from collections.abc import Iterator

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Options, Rule, Severity, Violation
from netra_cloud.terraform.rules.graph import (
    BACKEND_SERVICES,
    URL_MAPS,
    serverless_negs,
)
from netra_cloud.terraform.rules.socket_routes import socket_backends

_MAX_TESTS = 100
_PATTERN = re.compile(r"\.matches\(\s*(?:r)?(['\"])(.*?)\1\s*\)")


def _wildcard(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for managed in resource.body.all("managed"):
        domains = managed.get("domains")
        for domain in domains if isinstance(domains, list) else []:
            if isinstance(domain, str) and domain.startswith("*"):
                yield Violation(managed, "domains", f'"{domain}" in a managed certificate')


def _cdn_with_iap(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    if resource.body.get("enable_cdn") is not True:
        return
    for iap in resource.body.all("iap"):
        if iap.get("enabled") is not False:
            yield Violation(resource.body, "enable_cdn", "enable_cdn beside iap")


def _cdn_on_sockets(
    resource: Resource, configuration: Configuration, options: Options
) -> Iterator[Violation]:
    sockets = {backend.address for backend in socket_backends(configuration, options)}
    if resource.body.get("enable_cdn") is True and resource.address in sockets:
        yield Violation(resource.body, "enable_cdn", "WebSockets through Cloud CDN")


def _one_region_twice(
    resource: Resource, configuration: Configuration, _: Options
) -> Iterator[Violation]:
    regions = Counter(
        region
        for group in serverless_negs(resource, configuration)
        if (region := group.body.text("region")) is not None
    )
    for region, count in regions.items():
        if count > 1:
            yield Violation(resource.body, "backend", f"{count} serverless groups in {region}")


def _too_many_tests(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    count = len(resource.body.all("test"))
    if count > _MAX_TESTS:
        yield Violation(resource.body, "test", f"{count} tests in one URL map")


def _capture_groups(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for expression in resource.body.all("rule", "match", "expr"):
        text = expression.text("expression") or ""
        for _quote, pattern in _PATTERN.findall(text):
            if _captures(pattern):
                yield Violation(expression, "expression", f"capture group in {pattern!r}")


def _captures(pattern: str) -> bool:
    try:
        return re.compile(pattern).groups > 0
    except re.error:  # RE2 knows things that Python does not; then nothing is claimed
        return False


RULES = (
    Rule(
        id="wildcard-managed-certificate",
        severity=Severity.ERROR,
        title="a wildcard in a certificate that the load balancer manages",
        types=("google_compute_managed_ssl_certificate",),
        why="These certificates are proven by the load balancer's own address, which a wildcard "
        "does not have; Google refuses them.",
        remedy="use Certificate Manager with a DNS authorization",
        reference="https://cloud.google.com/load-balancing/docs/ssl-certificates/google-managed-certs",
        check=_wildcard,
    ),
    Rule(
        id="cdn-with-iap",
        severity=Severity.ERROR,
        title="Cloud CDN and IAP on one backend service",
        types=BACKEND_SERVICES,
        why="They exclude each other: what has to be authorized cannot be cached for everybody.",
        remedy="give cached paths a backend service of their own",
        reference="https://cloud.google.com/iap/docs/concepts-overview",
        check=_cdn_with_iap,
    ),
    Rule(
        id="sockets-through-cdn",
        severity=Severity.WARNING,
        title="Cloud CDN on a backend that carries WebSockets",
        types=BACKEND_SERVICES,
        why="A handshake is never cached, and Cloud CDN is documented as off for WebSockets.",
        remedy="route sockets to a backend service without enable_cdn",
        reference="https://cloud.google.com/load-balancing/docs/https#websocket_support",
        check=_cdn_on_sockets,
        needs_configuration=True,
    ),
    Rule(
        id="serverless-region-twice",
        severity=Severity.ERROR,
        title="two serverless endpoint groups of one region in a backend service",
        types=BACKEND_SERVICES,
        why="A backend service takes one serverless group for each region.",
        remedy="route to two backend services, or split the traffic inside Cloud Run",
        reference="https://cloud.google.com/load-balancing/docs/negs/serverless-neg-concepts",
        check=_one_region_twice,
        needs_configuration=True,
    ),
    Rule(
        id="url-map-too-many-tests",
        severity=Severity.ERROR,
        title="more than 100 tests in a URL map",
        types=URL_MAPS,
        why="Google takes 100 tests for one map and refuses the map with more.",
        remedy="keep one test for each route and each boundary between two routes",
        reference="https://cloud.google.com/load-balancing/docs/quotas#url_maps",
        check=_too_many_tests,
    ),
    Rule(
        id="armor-capture-group",
        severity=Severity.ERROR,
        title="a capture group in an expression of Cloud Armor",
        types=("google_compute_security_policy",),
        why="The rules language knows RE2 without capture groups and refuses the policy.",
        remedy="write (?:…) instead of (…)",
        reference="https://cloud.google.com/armor/docs/rules-language-reference",
        check=_capture_groups,
    ),
)
