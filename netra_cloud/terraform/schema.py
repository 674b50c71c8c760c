"""The argument schema of the google provider: which argument and block is legal where."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Origin:
    """Where a vendored schema comes from."""

    provider: str
    package: str
    version: str
    provider_version: str
    sha256: str
    licence: str = "MPL-2.0"

    def as_json(self) -> dict[str, str]:
        """Return the record that heads the vendored file."""
        return asdict(self)


def _origin(provider: str, version: str, provider_version: str, sha256: str) -> Origin:
    return Origin(provider, f"cdktn-provider-{provider}", version, provider_version, sha256)


ORIGINS: dict[str, Origin] = {
    origin.provider: origin
    for origin in (
        _origin(
            "google",
            "21.1.0",
            "8.7.0",
            "157dead5025d5db5abe48e40cc49f0b6a4d8088fd0498eb17ad5a36bca811b2a",
        ),
        _origin(
            "google-beta",
            "21.1.0",
            "8.7.0",
            "335670a6abb9f779ee113bc07c9402e12431aa877444039080d224599a436e84",
        ),
        _origin(
            "archive",
            "14.0.1",
            "2.8.1",
            "b2cd6a0c8d443c83e7f11e4d6ef292978828b7402099261528358ba85db20eec",
        ),
        _origin(
            "external",
            "14.0.2",
            "2.4.2",
            "420d4784fc5dac0dc47ad7477a994e02aa8255a4eb69a148baf61c76e1652506",
        ),
        _origin(
            "http",
            "13.0.2",
            "3.6.2",
            "7e37b28a14a9af3f9823f4cfb0583a42379516a8b44f0ccc740376690f4880ab",
        ),
        _origin(
            "local",
            "14.0.1",
            "2.9.1",
            "49ab54cb4ada3176e7cb5c6926b2e7c8d431a49c34c24fc3f6f4fb599ac0ac01",
        ),
        _origin(
            "null",
            "15.0.2",
            "3.3.2",
            "95342e83906e69a346db07527e877f0da65b39dfb44cec6762aa7ee875bd4f57",
        ),
        _origin(
            "random",
            "15.0.1",
            "3.9.1",
            "b721666146e90086c08549e992576e6bb6e3c0e86699fe014b65b9dbe6275407",
        ),
        _origin(
            "time",
            "14.0.2",
            "0.14.2",
            "c0616bd5c25e089f9cccc590525b9b03a4b63baa6e9c28b4f064feccb732a890",
        ),
        _origin(
            "tls",
            "14.1.1",
            "4.4.1",
            "aabd61b7fae9fea875e495c58a4e4fe31abeb6ce0e086336adc35cd3553361e8",
        ),
    )
}
ORIGIN = ORIGINS["google"]


def schema_file(origin: Origin) -> Path:
    """Return the vendored file of a provider."""
    folder = Path(__file__).with_name("schema_data")
    return folder / f"{origin.provider}-{origin.provider_version}.jsonl.gz"


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
def _lines(provider: str) -> tuple[dict[str, Any], dict[tuple[str, str], str]]:
    """Return the first line of a vendored file, and the others by kind and type, not yet parsed."""
    text = gzip.decompress(schema_file(ORIGINS[provider]).read_bytes()).decode()
    head, *lines = text.splitlines()
    by_type: dict[tuple[str, str], str] = {}
    for line in lines:
        _, kind, _, name, _ = line.split('"', 4)
        by_type[kind, name] = line
    return json.loads(head), by_type


@cache
def _schema(kind: str, type_name: str, provider: str) -> Block | None:
    if provider not in ORIGINS:
        return None
    line = _lines(provider)[1].get((kind, type_name))
    return None if line is None else parse_block(json.loads(line)[2]["block"])


def provider_of(type_name: str) -> str:
    """Return the provider that a type belongs to by its name: ``google`` for ``google_x_y``."""
    return type_name.partition("_")[0]


def resource_schema(resource_type: str, provider: str | None = None) -> Block | None:
    """Return the schema of ``resource_type``, or None when it is not vendored.

    Args:
        resource_type: such as ``google_compute_url_map``.
        provider: ``google-beta`` knows more than ``google``; by default the type's own.
    """
    return _schema("resource", resource_type, provider or provider_of(resource_type))


def data_schema(data_type: str, provider: str | None = None) -> Block | None:
    """Return the schema of a data source, or None when it is not vendored."""
    return _schema("data", data_type, provider or provider_of(data_type))


@cache
def provider_schema(provider: str = "google") -> Block:
    """Return the schema of a ``provider`` block."""
    return parse_block(_lines(provider)[0]["provider"]["block"])


def resource_types(provider: str = "google") -> list[str]:
    """Return every vendored resource type of a provider."""
    return sorted(name for kind, name in _lines(provider)[1] if kind == "resource")


def data_types(provider: str = "google") -> list[str]:
    """Return every vendored data source of a provider."""
    return sorted(name for kind, name in _lines(provider)[1] if kind == "data")
