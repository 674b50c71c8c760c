"""Terraform's Cloud Run services as Admin API v2 ``Service`` objects."""

from netra_cloud.compute.objects import Json
from netra_cloud.terraform.compute_mapping import Resolve, compute_body, link_resolver
from netra_cloud.terraform.configuration import Configuration
from netra_cloud.terraform.values import BlockValue

RUN_V2 = "google_cloud_run_v2_service"


def run_body(body: BlockValue, resolve: Resolve) -> Json:
    """Return the Admin API object for a resource's arguments."""
    service = compute_body(RUN_V2, body, resolve)
    service.pop("location", None)
    service.pop("deletionProtection", None)  # the provider's own promise, not Google's
    return service


def run_services(configuration: Configuration, project: str) -> dict[str, Json]:
    """Return the services of a configuration by name."""
    resolve = link_resolver(configuration, project)
    services = (run_body(r.body, resolve) for r in configuration.of_type(RUN_V2))
    return {service["name"]: service for service in services if "name" in service}
