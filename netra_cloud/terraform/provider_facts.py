"""What the google provider checks before a plan, as extracted from magic-modules."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from netra_cloud.terraform.schema import Origin

ORIGIN = Origin(
    provider="google",
    package="github.com/GoogleCloudPlatform/magic-modules, mmv1/products",
    version="d57784406a440397f4edea072ae4f606a57e172d",
    provider_version="8.7.0",
    sha256="",
    licence="Apache-2.0",
)
FILE = Path(__file__).with_name("schema_data") / "google-checks-8.7.0.jsonl.gz"


@dataclass(frozen=True)
class Checks:
    """The checks of one argument or block. Other fields are named by their path in the resource.

    Attributes:
        path: of the argument, with dots between its blocks.
        enum: allowed words; empty when any text is allowed.
        pattern: regular expression that is searched in the text.
        range: least and greatest number, None without a bound.
        length: least and greatest number of bytes.
        default: what the provider sends when the argument is not written.
        sends_zero: whether the API receives 0; the provider leaves out other zeros.
        conflicts: fields that may not be set beside this one.
        one_of: fields of which exactly one must be set, this one included.
        at_least: fields of which at least one must be set, this one included.
        companions: fields that must be set when this one is.
    """

    path: str
    enum: tuple[str, ...] = ()
    pattern: str = ""
    range: tuple[float | None, float | None] = (None, None)
    length: tuple[int, int] | None = None
    default: str | float | bool | None = None
    sends_zero: bool = False
    conflicts: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    at_least: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()


@cache
def _lines() -> Mapping[str, str]:
    """Return the lines by resource type, not yet parsed."""
    _, *lines = gzip.decompress(FILE.read_bytes()).decode().splitlines()
    return {line.split('"', 2)[1]: line for line in lines}


@cache
def checks_of(resource_type: str) -> tuple[Checks, ...]:
    """Return the checks of a resource type; none for a type that is not generated."""
    line = _lines().get(resource_type)
    if line is None:
        return ()
    return tuple(_checks(path, facts) for path, facts in json.loads(line)[1].items())


def checked_types() -> list[str]:
    """Return every resource type with checks."""
    return sorted(_lines())


def _checks(path: str, facts: Mapping[str, Any]) -> Checks:
    values: dict[str, Any] = {
        name: tuple(fact) if isinstance(fact, list) else fact for name, fact in facts.items()
    }
    return replace(Checks(path), **values)
