"""The constraints of Google's APIs by message and field, as extracted from their descriptions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from netra_cloud.terraform.schema import Origin


@dataclass(frozen=True)
class Api:
    """One API whose descriptions are read.

    Attributes:
        origin: the package that they come from.
        sources: beginning of the names of the files with the messages, in the package.
        roots: the messages that resources of the provider are sent as.
        prefix: of its messages' names.
    """

    origin: Origin
    sources: str
    roots: tuple[str, ...]
    prefix: str = ""

    @property
    def file(self) -> Path:
        """The vendored document."""
        name = f"{self.origin.package.rpartition('-')[2]}-{self.origin.version}.jsonl"
        return Path(__file__).with_name("schema_data") / name


APIS = (
    Api(
        Origin(
            provider="compute",
            package="google-cloud-compute",
            version="1.57.0",
            provider_version="v1",
            sha256="c96be18eebc6e0cd633cd27767b1eb7d5fa3e63f9264adf5565ddc001c1bc607",
            licence="Apache-2.0",
        ),
        "google/cloud/compute_v1/types/compute.py",
        (
            "BackendService",
            "ForwardingRule",
            "HealthCheck",
            "NetworkEndpointGroup",
            "TargetHttpProxy",
            "TargetHttpsProxy",
            "UrlMap",
        ),
    ),
    Api(
        Origin(
            provider="run",
            package="google-cloud-run",
            version="0.16.2",
            provider_version="v2",
            sha256="cf21a6ee67fb237f694b444862fb0a717f0e0dfeabfdb64b927c7d1303f18957",
            licence="Apache-2.0",
        ),
        "google/cloud/run_v2/types/",
        ("Service",),
        "run.",
    ),
)

# Names of the provider that are not the API's name in snake_case or its singular.
_RENAMED = {"ip_address": "I_p_address", "ip_protocol": "I_p_protocol"}


@dataclass(frozen=True)
class Field:
    """What a field may hold.

    Attributes:
        name: as the API's Python client spells it.
        message: of its value; empty for a scalar.
        range: least and greatest number, None without a bound.
        length: least and greatest number of characters.
        pattern: regular expression of the whole text.
        count: the most entries of a list.
        enum: allowed values; empty when any text is.
        exclusive: fields of the message of which one may be set, this one included.
    """

    name: str
    message: str = ""
    range: tuple[float, float | None] | None = None
    length: tuple[int, int] | None = None
    pattern: str = ""
    count: int | None = None
    enum: tuple[str, ...] = ()
    exclusive: tuple[str, ...] = ()


@cache
def messages() -> Mapping[str, Mapping[str, Field]]:
    """Return the fields with constraints of every message."""
    lines = [line for api in APIS for line in api.file.read_text().splitlines()[1:]]
    return {
        name: {field: _field(field, facts) for field, facts in fields.items()}
        for name, fields in map(json.loads, lines)
    }


def field_of(message: str, argument: str) -> Field | None:
    """Return the field of an argument or block of the provider; None without a constraint."""
    fields = messages().get(message, {})
    for name in (
        _RENAMED.get(argument, argument),
        f"{argument}s",
        f"{argument}_",
    ):  # type_ is a word of Python's
        if name in fields:
            return fields[name]
    return None


def _field(name: str, facts: Mapping[str, Any]) -> Field:
    lists = {key: tuple(value) for key, value in facts.items() if isinstance(value, list)}
    return replace(Field(name), **(dict(facts) | lists))
