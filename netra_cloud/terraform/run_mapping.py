"""Terraform's Cloud Run services as Admin API v2 ``Service`` objects."""

import re

from netra_cloud.compute.objects import Json
from netra_cloud.errors import InvalidObject
from netra_cloud.terraform.compute_mapping import (
    Resolve,
    compute_body,
    link_resolver,
    name_of,
)
from netra_cloud.terraform.configuration import Configuration
from netra_cloud.terraform.values import BlockValue

RUN_V2 = "google_cloud_run_v2_service"
RUN_V1 = "google_cloud_run_service"
_V1_TIMEOUT_SECONDS = 300
_DURATION = re.compile(r"\d+(?:\.\d+)?s", re.ASCII)


def run_body(body: BlockValue, resolve: Resolve) -> Json:
    """Return the Admin API object for a resource's arguments."""
    service = compute_body(RUN_V2, body, resolve)
    service.pop("location", None)
    service.pop("deletionProtection", None)  # the provider's own promise, not Google's
    return service


def run_services(configuration: Configuration, project: str) -> dict[str, Json]:
    """Return the services of a configuration by name, in the form of the Admin API v2.

    Raises:
        InvalidObject: the timeout of a service is no duration.
    """
    resolve = link_resolver(configuration, project)
    services: dict[str, Json] = {}
    for resource in configuration.of_type(RUN_V1, RUN_V2):
        known = run_body(resource.body, resolve) if resource.type == RUN_V2 else _v1(resource.body)
        name = name_of(resource)
        _require_duration(known, name)
        services[name] = {**known, "name": name}
    return services


def _require_duration(service: Json, name: str) -> None:
    timeout = (service.get("template") or {}).get("timeout", "300s")
    if not _DURATION.fullmatch(str(timeout)):
        raise InvalidObject(
            f"Cloud Run service {name}: timeout {timeout!r} is no duration in seconds such as 300s"
        )


def _v1(body: BlockValue) -> Json:
    """Return the parts of a Knative service that the edge needs.

    Source: RevisionSpec.timeoutSeconds of the Cloud Run Admin API v1, 300 by default.
    """
    spec = body.first("template", "spec")
    timeout = None if spec is None else spec.number("timeout_seconds")
    return {"template": {"timeout": f"{timeout or _V1_TIMEOUT_SECONDS:g}s"}}
