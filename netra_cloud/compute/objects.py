"""Compute API objects by collection and name, and the links between them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

# Collections of an Application Load Balancer, and which of them are always regional.
COLLECTIONS = (
    "addresses",
    "backendBuckets",
    "backendServices",
    "forwardingRules",
    "networkEndpointGroups",
    "securityPolicies",
    "sslPolicies",
    "targetHttpProxies",
    "targetHttpsProxies",
    "urlMaps",
)
REGIONAL = frozenset({"networkEndpointGroups"})


@dataclass(frozen=True)
class Key:
    """One object: its collection, its name, and its region when it has one."""

    collection: str
    name: str
    region: str | None = None

    def link(self, project: str) -> str:
        """Return the relative resource name that Terraform uses as ``id``."""
        scope = f"regions/{self.region}" if self.region else "global"
        return f"projects/{project}/{scope}/{self.collection}/{self.name}"


def parse_link(link: str) -> Key:
    """Return the key behind a self link, in full or from ``projects/`` on.

    Raises:
        ValueError: the text is no link to a compute object.
    """
    parts = (link.partition("projects/")[2] or link).split("/")
    match parts:
        case [_, "global", collection, name]:
            return Key(collection, name)
        case [_, "regions", region, collection, name]:
            return Key(collection, name, region)
        case _:
            raise ValueError(f"{link!r} is no link to a compute object")


@dataclass
class ComputeObjects:
    """A project's compute objects as the API would return them."""

    project: str
    by_key: dict[Key, Json] = field(default_factory=dict)

    def put(self, collection: str, body: Mapping[str, Any], region: str | None = None) -> Key:
        """Add or replace an object; its ``name`` is in ``body``."""
        key = Key(collection, str(body["name"]), region)
        self.by_key[key] = {**body, "selfLink": key.link(self.project)}
        return key

    def get(self, link: str) -> Json | None:
        """Return the object at ``link``, or None; zonal objects are not kept."""
        try:
            return self.by_key.get(parse_link(link))
        except ValueError:
            return None

    def all(self, collection: str) -> Iterator[Json]:
        """Yield the objects of a collection in the order of their names."""
        keys = sorted(
            (key for key in self.by_key if key.collection == collection), key=lambda key: key.name
        )
        return (self.by_key[key] for key in keys)
