"""Questions about how resources refer to each other, shared by the rules."""

from collections.abc import Iterator

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Options
from netra_cloud.terraform.values import BlockValue

BACKEND_SERVICE = "google_compute_backend_service"
URL_MAP = "google_compute_url_map"
NEG = "google_compute_region_network_endpoint_group"
RUN_V2 = "google_cloud_run_v2_service"


def is_serverless(backend_service: Resource, configuration: Configuration) -> bool:
    """Tell whether a backend of the service is a serverless network endpoint group."""
    return bool(serverless_negs(backend_service, configuration))


def serverless_negs(backend_service: Resource, configuration: Configuration) -> list[Resource]:
    """Return the serverless network endpoint groups behind a backend service."""
    return [
        group
        for backend in backend_service.body.all("backend")
        for group in configuration.referenced(backend, "group")
        if group.type == NEG
        and (group.body.text("network_endpoint_type") or "SERVERLESS") == "SERVERLESS"
    ]


def run_services(backend_service: Resource, configuration: Configuration) -> list[Resource]:
    """Return the Cloud Run services (v2) behind a backend service."""
    return [
        service
        for group in serverless_negs(backend_service, configuration)
        for target in group.body.all("cloud_run")
        for service in configuration.referenced(target, "service")
        if service.type == RUN_V2
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
    return [resource for resource in found if resource.type == BACKEND_SERVICE]


def is_socket_path(path: str, options: Options) -> bool:
    """Tell whether ``path`` is one of the WebSocket paths or below one."""
    bare = path.removesuffix("*").rstrip("/")
    return any(bare == known or bare.startswith(f"{known}/") for known in options.socket_paths)


def socket_backends(configuration: Configuration, options: Options) -> list[Resource]:
    """Return the backend services that WebSocket paths are routed to."""
    found: dict[str, Resource] = {}
    for url_map in configuration.of_type(URL_MAP):
        for rule, _, paths in routed_paths(url_map):
            if any(is_socket_path(path, options) for path in paths):
                found.update({target.address: target for target in targets(rule, configuration)})
    return list(found.values())


def socket_services(configuration: Configuration, options: Options) -> set[str]:
    """Return the addresses of the Cloud Run services that hold WebSockets."""
    return {
        service.address
        for backend in socket_backends(configuration, options)
        for service in run_services(backend, configuration)
    }
