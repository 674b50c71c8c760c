"""Questions about how resources refer to each other, shared by the rules."""

from collections.abc import Iterator

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.provider_facts import checks_of
from netra_cloud.terraform.values import BlockValue
from netra_cloud.terraform.version_pins import may_admit_below, may_admit_from

BACKEND_SERVICE = "google_compute_backend_service"
REGION_BACKEND_SERVICE = "google_compute_region_backend_service"
BACKEND_SERVICES = (BACKEND_SERVICE, REGION_BACKEND_SERVICE)
URL_MAP = "google_compute_url_map"
REGION_URL_MAP = "google_compute_region_url_map"
URL_MAPS = (URL_MAP, REGION_URL_MAP)
NEG = "google_compute_region_network_endpoint_group"
RUN_V1 = "google_cloud_run_service"
RUN_V2 = "google_cloud_run_v2_service"
RUN_SERVICES = (RUN_V1, RUN_V2)
# The global default since version 8.0 of the provider, before that EXTERNAL.
_CHANGED_DEFAULT, _CHANGED_IN = "EXTERNAL_MANAGED", (8, 0, 0)
_GOOGLE = ("google", "google-beta")
# What the group of a backend can be.
_GROUPS = ("_network_endpoint_group", "_instance_group", "_instance_group_manager")


def is_serverless(backend_service: Resource, configuration: Configuration) -> bool:
    """Return whether a backend of the service is a serverless network endpoint group."""
    return bool(serverless_negs(backend_service, configuration))


def serverless_negs(backend_service: Resource, configuration: Configuration) -> list[Resource]:
    """Return the serverless network endpoint groups behind a backend service.

    A backend whose group may be a serverless one or another counts as neither.
    """
    found: list[Resource] = []
    for backend in backend_service.body.all("backend"):
        groups = [
            group
            for group in configuration.referenced(backend, "group")
            if group.type.endswith(_GROUPS)
        ]
        if all(map(_is_serverless_neg, groups)):
            found += groups
    return found


def _is_serverless_neg(group: Resource) -> bool:
    kind = group.body.text("network_endpoint_type") or "SERVERLESS"
    return group.type == NEG and kind == "SERVERLESS"


def run_services(backend_service: Resource, configuration: Configuration) -> list[Resource]:
    """Return the Cloud Run services behind a backend service."""
    return [
        service
        for group in serverless_negs(backend_service, configuration)
        for target in group.body.all("cloud_run")
        for service in configuration.referenced(target, "service")
        if service.type in RUN_SERVICES
    ]


def routed_paths(url_map: Resource) -> Iterator[tuple[BlockValue, str, list[str]]]:
    """Yield each rule of a URL map with the argument that names its paths, and its paths."""
    for rule in url_map.body.all("path_matcher", "path_rule"):
        paths = rule.get("paths")
        yield (
            rule,
            "paths",
            [path for path in paths if isinstance(path, str)] if isinstance(paths, list) else [],
        )
    for rule in url_map.body.all("path_matcher", "route_rules"):
        matched = [
            path
            for match in rule.all("match_rules")
            for name in ("full_path_match", "prefix_match", "path_template_match")
            if (path := match.text(name))
        ]
        yield rule, "match_rules", matched


def targets(rule: BlockValue, configuration: Configuration) -> list[Resource]:
    """Return the backend services that a path rule or route rule sends to."""
    found = configuration.referenced(rule, "service")
    for weighted in rule.all("route_action", "weighted_backend_services"):
        found += configuration.referenced(weighted, "backend_service")
    return [resource for resource in found if resource.type in BACKEND_SERVICES]


def scheme_of(resource: Resource, configuration: Configuration) -> str | None:
    """Return the load balancing scheme of a backend service or forwarding rule.

    Without the argument it is the provider's default, which changed with version 8.0 for global
    resources (version_8_upgrade in its guides): None unless the configuration's version constraint
    decides between the two.
    """
    if resource.body.has("load_balancing_scheme"):
        return resource.body.text("load_balancing_scheme")
    checks = {one.path: one.default for one in checks_of(resource.type)}
    default = checks.get("load_balancing_scheme")
    if default != _CHANGED_DEFAULT:
        return str(default) if default else None
    pins = [pin for name, pin in configuration.pins.items() if name in _GOOGLE]
    if not pins:
        return None
    may_be_new = all(may_admit_from(pin, _CHANGED_IN) for pin in pins)
    may_be_old = all(may_admit_below(pin, _CHANGED_IN) for pin in pins)
    if may_be_new and may_be_old:
        return None
    return _CHANGED_DEFAULT if may_be_new else "EXTERNAL"


def schemes(url_map: Resource, configuration: Configuration) -> set[str]:
    """Return the known load balancing schemes of the backend services behind a URL map."""
    services = configuration.resolve(url_map.body.references())
    return {
        scheme
        for service in services
        if service.type in BACKEND_SERVICES
        and (scheme := scheme_of(service, configuration)) is not None
    }


def is_classic(url_map: Resource, configuration: Configuration) -> bool:
    """Return whether a URL map belongs to a classic load balancer: its scheme is EXTERNAL."""
    return "EXTERNAL" in schemes(url_map, configuration)
