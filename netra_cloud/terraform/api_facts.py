"""The compute API's constraints by message and field, as extracted from its descriptions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from netra_cloud.terraform.schema import Origin

ORIGIN = Origin(
    provider="compute.proto",
    package="google-cloud-compute",
    version="1.57.0",
    provider_version="v1",
    sha256="c96be18eebc6e0cd633cd27767b1eb7d5fa3e63f9264adf5565ddc001c1bc607",
    licence="Apache-2.0",
)
FILE = Path(__file__).with_name("schema_data") / f"compute-{ORIGIN.version}.jsonl"

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
    lines = FILE.read_text().splitlines()[1:]
    return {
        name: {field: _field(field, facts) for field, facts in fields.items()}
        for name, fields in map(json.loads, lines)
    }


def field_of(message: str, argument: str) -> Field | None:
    """Return the field of an argument or block of the provider; None without a constraint."""
    fields = messages().get(message, {})
    for name in (_RENAMED.get(argument, argument), f"{argument}s"):
        if name in fields:
            return fields[name]
    return None


def _field(name: str, facts: Mapping[str, Any]) -> Field:
    lists = {key: tuple(value) for key, value in facts.items() if isinstance(value, list)}
    return replace(Field(name), **(dict(facts) | lists))
