"""Terraform resources as compute API objects, in the shape the provider sends them.

Names become camelCase; a block that may stand once becomes an object, others become lists. What
Google names differently from its Terraform provider is listed here and nowhere else.
"""

from collections.abc import Callable, Mapping
from typing import Any

from netra_cloud.compute.objects import ComputeObjects, Json, Key
from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.schema import Block, resource_schema
from netra_cloud.terraform.values import BlockValue, Unknown, Value

COLLECTION_OF: dict[str, str] = {
    "google_compute_backend_bucket": "backendBuckets",
    "google_compute_backend_service": "backendServices",
    "google_compute_forwarding_rule": "forwardingRules",
    "google_compute_global_address": "addresses",
    "google_compute_global_forwarding_rule": "forwardingRules",
    "google_compute_global_network_endpoint_group": "networkEndpointGroups",
    "google_compute_region_backend_service": "backendServices",
    "google_compute_region_network_endpoint_group": "networkEndpointGroups",
    "google_compute_region_target_http_proxy": "targetHttpProxies",
    "google_compute_region_target_https_proxy": "targetHttpsProxies",
    "google_compute_region_url_map": "urlMaps",
    "google_compute_security_policy": "securityPolicies",
    "google_compute_ssl_policy": "sslPolicies",
    "google_compute_target_http_proxy": "targetHttpProxies",
    "google_compute_target_https_proxy": "targetHttpsProxies",
    "google_compute_url_map": "urlMaps",
}
GLOBAL_TYPES = frozenset(
    {
        "google_compute_backend_bucket",
        "google_compute_backend_service",
        "google_compute_global_address",
        "google_compute_global_forwarding_rule",
        "google_compute_global_network_endpoint_group",
        "google_compute_security_policy",
        "google_compute_ssl_policy",
        "google_compute_target_http_proxy",
        "google_compute_target_https_proxy",
        "google_compute_url_map",
    }
)
_PLURALS = {
    "backend": "backends",
    "host_rule": "hostRules",
    "path_matcher": "pathMatchers",
    "path_rule": "pathRules",
    "rule": "rules",
    "test": "tests",
}
_RENAMED = {
    "ip_address": "IPAddress",
    "ip_protocol": "IPProtocol",
    "strip_query": "stripQuery",
}
# Arguments of the provider that never reach the API, and computed ones the API assigns.
_PROVIDERS_OWN = frozenset(
    {
        "id",
        "self_link",
        "project",
        "timeouts",
        "terraform_labels",
        "effective_labels",
        "deletion_policy",
        "for_each",
        "count",
        "depends_on",
    }
)
# Google's API takes durations as {"seconds": "…"} with 64-bit numbers as strings.
_INT64 = frozenset({"seconds"})

Resolve = Callable[[Unknown], Value]


def camel(name: str) -> str:
    """Return ``name`` as the API writes it."""
    if name in _RENAMED:
        return _RENAMED[name]
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def compute_body(resource_type: str, body: BlockValue, resolve: Resolve) -> Json:
    """Return the API object that the provider would send for a resource.

    Args:
        resource_type: one of ``COLLECTION_OF``.
        body: its evaluated arguments.
        resolve: gives the value of what was not known; an ``Unknown`` is left out.
    """
    schema = resource_schema(resource_type)
    if schema is None:
        raise KeyError(resource_type)
    return _block(body, schema, resolve)


def _block(block: BlockValue, schema: Block, resolve: Resolve) -> Json:
    result: Json = {}
    for name, value in block.attributes.items():
        if not block.path and name in _PROVIDERS_OWN:
            continue
        known = _known(value, resolve)
        if known is not None:
            result[camel(name)] = str(known) if name in _INT64 else known
    for name, nested in block.blocks.items():
        described = schema.block_types.get(name)
        if described is None or not nested:
            continue
        items = [_block(inner, described.block, resolve) for inner in nested]
        is_single = described.max_items == 1 and name not in _PLURALS
        result[_PLURALS.get(name, camel(name))] = items[0] if is_single else items
    return result


def _known(value: Value, resolve: Resolve) -> Any:
    if isinstance(value, Unknown):
        resolved = resolve(value)
        return None if isinstance(resolved, Unknown) else resolved
    if isinstance(value, list):
        return [known for item in value if (known := _known(item, resolve)) is not None]
    if isinstance(value, dict):
        return {name: _known(item, resolve) for name, item in value.items()}
    return value


def link_resolver(configuration: Configuration, project: str) -> Resolve:
    """Return a function that replaces ``type.name.id`` and ``.name`` by what Google will say."""
    links = configuration.once(("links", project), lambda: _links(configuration, project))

    def resolve(value: Unknown) -> Value:
        return links.get(value.text, value)

    return resolve


def _links(configuration: Configuration, project: str) -> dict[str, str]:
    links: dict[str, str] = {}
    for resource in configuration.resources:
        name = name_of(resource)
        links[f"{resource.address}.name"] = name
        if resource.type in COLLECTION_OF:
            link = key_of(resource, name).link(project)
            links[f"{resource.address}.id"] = link
            links[f"{resource.address}.self_link"] = link
    return links


def key_of(resource: Resource, name: str) -> Key:
    """Return where the API keeps a resource."""
    return Key(COLLECTION_OF[resource.type], name, region_of(resource))


def name_of(resource: Resource) -> str:
    """Return the name of an object; the name of its block where the value is not known."""
    return resource.body.text("name") or "-".join([resource.name, *_key_words(resource)])


def _key_words(resource: Resource) -> list[str]:
    return [] if resource.key is None else [str(resource.key)]


def region_of(resource: Resource) -> str | None:
    """Return the region of an object; a regional type without a known one has a fixed name."""
    if resource.type in GLOBAL_TYPES:
        return None
    return resource.body.text("region") or "region"


def compute_objects(configuration: Configuration, project: str) -> ComputeObjects:
    """Return what an apply of ``configuration`` would leave in the compute API.

    Only what is written in the files is known here: computed values (addresses, fingerprints) are
    absent.
    """
    objects = ComputeObjects(project)
    resolve = link_resolver(configuration, project)
    for resource in configuration.of_type(*COLLECTION_OF):
        body: Mapping[str, Any] = compute_body(resource.type, resource.body, resolve)
        region = region_of(resource)
        written = {name: value for name, value in body.items() if name != "region"}
        objects.put(COLLECTION_OF[resource.type], {**written, "name": name_of(resource)}, region)
    return objects
