"""The functions of the google provider: parts of resource ids, self links and zones.

Source: https://registry.terraform.io/providers/hashicorp/google/latest/docs (Functions).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from netra_cloud.terraform.conversion import Failed, to_string

_ZONE = re.compile(r"([a-z]+(?:-[a-z0-9]+)+)-[a-z]")
_NAME = re.compile(r"[^/]+/([^/]+)/?$")


def _segment(collection: str) -> Callable[..., str]:
    pattern = re.compile(rf"{collection}/([^/]+)(?:/|$)")

    def found(identifier: Any) -> str:
        match = pattern.search(to_string(identifier))
        if match is None:
            raise Failed(f"{identifier!r} has no {collection}/ in it")
        return match[1]

    return found


def _name(identifier: Any) -> str:
    match = _NAME.search(to_string(identifier))
    if match is None:
        raise Failed(f"{identifier!r} is no resource id")
    return match[1]


def _region_from_zone(zone: Any) -> str:
    match = _ZONE.fullmatch(to_string(zone))
    if match is None:
        raise Failed(f"{zone!r} is no zone")
    return match[1]


@dataclass(frozen=True)
class ProviderFunction:
    """One function: of one text, with one as the result."""

    parameter: str
    summary: str
    call: Callable[[Any], str]


FUNCTIONS: dict[str, ProviderFunction] = {
    "location_from_id": ProviderFunction("id", "The location in an id", _segment("locations")),
    "name_from_id": ProviderFunction("id", "The last name in an id", _name),
    "project_from_id": ProviderFunction("id", "The project in an id", _segment("projects")),
    "region_from_id": ProviderFunction("id", "The region in an id", _segment("regions")),
    "region_from_zone": ProviderFunction("zone", "The region of a zone", _region_from_zone),
    "zone_from_id": ProviderFunction("id", "The zone in an id", _segment("zones")),
}
GOOGLE: dict[str, Callable[..., Any]] = {
    f"provider::{provider}::{name}": function.call
    for provider in ("google", "google-beta")
    for name, function in FUNCTIONS.items()
}
