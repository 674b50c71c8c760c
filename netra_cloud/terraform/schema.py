"""The argument schema of the google provider: which argument and block is legal where."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Origin:
    """Where the vendored schema comes from."""

    package: str
    version: str
    provider_version: str
    sha256: str
    licence: str

    def as_json(self) -> dict[str, str]:
        """Return the record that heads the vendored file."""
        return asdict(self)


ORIGIN = Origin(
    package="cdktn-provider-google",
    version="21.1.0",
    provider_version="8.7.0",
    sha256="157dead5025d5db5abe48e40cc49f0b6a4d8088fd0498eb17ad5a36bca811b2a",
    licence="MPL-2.0",
)
SCHEMA_FILE = Path(__file__).with_name("schema_data") / f"google-{ORIGIN.provider_version}.json"

# Terraform gives these to every resource; no provider declares them.
META_ARGUMENTS = frozenset({"count", "for_each", "depends_on", "provider"})
META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection", "dynamic"})


@dataclass(frozen=True)
class Attribute:
    """One argument: its Terraform type and who may set it."""

    type: Any
    required: bool = False
    optional: bool = False
    computed: bool = False


@dataclass(frozen=True)
class NestedBlock:
    """A block inside a block. ``max_items`` 0 means no limit."""

    nesting_mode: str
    block: "Block"
    min_items: int = 0
    max_items: int = 0


@dataclass(frozen=True)
class Block:
    """What may stand between two braces."""

    attributes: Mapping[str, Attribute]
    block_types: Mapping[str, NestedBlock]


def parse_block(document: Mapping[str, Any]) -> Block:
    """Return the block described in the shape of ``terraform providers schema -json``."""
    return Block(
        attributes={
            name: Attribute(**fields) for name, fields in document.get("attributes", {}).items()
        },
        block_types={
            name: NestedBlock(
                nesting_mode=nested["nesting_mode"],
                block=parse_block(nested["block"]),
                min_items=nested.get("min_items", 0),
                max_items=nested.get("max_items", 0),
            )
            for name, nested in document.get("block_types", {}).items()
        },
    )


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(SCHEMA_FILE.read_text())
    return document


@cache
def resource_schema(resource_type: str) -> Block | None:
    """Return the schema of ``resource_type``, or None when it is not vendored."""
    found = _document()["resource_schemas"].get(resource_type)
    return None if found is None else parse_block(found["block"])


@cache
def provider_schema() -> Block:
    """Return the schema of the ``provider "google"`` block."""
    return parse_block(_document()["provider"]["block"])


def resource_types() -> list[str]:
    """Return every vendored type."""
    return sorted(_document()["resource_schemas"])
