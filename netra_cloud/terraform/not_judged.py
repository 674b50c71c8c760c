"""What the rules could not judge: modules not read, references that lead to no resource.

A report without this list would look like a pass.
"""

from collections.abc import Iterator

from netra_cloud.terraform.configuration import Configuration, NotJudged, Resource
from netra_cloud.terraform.schema import ORIGINS
from netra_cloud.terraform.schema_check import provider_in
from netra_cloud.terraform.values import BlockValue, Unknown, Value

# The arguments through which the rules follow a request, by resource type.
_BACKEND_SERVICES = ("google_compute_backend_service", "google_compute_region_backend_service")
_URL_MAPS = ("google_compute_url_map", "google_compute_region_url_map")
_FOLLOWED: dict[str, frozenset[str]] = {
    **dict.fromkeys(_BACKEND_SERVICES, frozenset({"group", "load_balancing_scheme"})),
    **dict.fromkeys(_URL_MAPS, frozenset({"default_service", "service", "backend_service"})),
    "google_compute_region_network_endpoint_group": frozenset({"service"}),
    "google_compute_target_http_proxy": frozenset({"url_map"}),
    "google_compute_target_https_proxy": frozenset({"url_map"}),
    "google_compute_global_forwarding_rule": frozenset({"target"}),
    "google_compute_forwarding_rule": frozenset({"target"}),
}
_TEST = "test"


def not_judged(configuration: Configuration) -> list[NotJudged]:
    """Return what no rule could judge, in the order of the files."""
    found = [
        NotJudged(
            "module",
            call.address,
            call.file,
            call.line,
            f"the module {call.source!r} is not on this machine",
            "run terraform init first, then lint again",
        )
        for call in configuration.not_read
    ]
    for resource in configuration.resources:
        found += _references(resource, configuration)
        found += _providers(resource)
    unique = {(entry.file, entry.line, entry.detail): entry for entry in found}
    return sorted(unique.values(), key=lambda entry: (entry.file, entry.line, entry.detail))


def _references(resource: Resource, configuration: Configuration) -> Iterator[NotJudged]:
    followed = _FOLLOWED.get(resource.type, frozenset())
    for block in resource.body.walk() if followed else ():
        if block.path[:1] == (_TEST,):
            continue
        for name in followed & block.attributes.keys():
            for unknown in _leading_nowhere(block, name, configuration):
                yield NotJudged(
                    "reference",
                    resource.address,
                    resource.file,
                    block.line_of(name),
                    f"{name} = {unknown.text} has no known value",
                    "give the value with -var or --var-file, or lint the module that declares it",
                )


def _leading_nowhere(
    block: BlockValue, name: str, configuration: Configuration
) -> Iterator[Unknown]:
    value: Value = block.get(name)
    missing = {entry.name for entry in configuration.undeclared}
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, Unknown) or configuration.resolve(item.references):
            continue
        # A reference to nothing is an error of its own.
        declared = [ref for ref in item.references if not ref.endswith(tuple(missing))]
        if declared or not item.references:
            yield item


def _providers(resource: Resource) -> Iterator[NotJudged]:
    provider = provider_in(resource)
    if provider not in ORIGINS and resource.type.startswith("google"):
        yield NotJudged(
            "provider",
            resource.address,
            resource.file,
            resource.body.line,
            f"the schema of the provider {provider!r} is not vendored",
            "check this resource with terraform validate",
        )
