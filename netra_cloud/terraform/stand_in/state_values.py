"""Values as terraform sends them: msgpack, with unknown values as an extension type.

The encoding is that of go-cty (github.com/zclconf/go-cty, cty/msgpack): an object is a map with
every attribute, a set a list, an unknown value extension 0, or 12 when something is known about it.
"""

from typing import Any

import msgspec

from netra_cloud.terraform.schema import Block
from netra_cloud.terraform.values import BlockValue, Step, Unknown, Value

_UNKNOWN_EXTENSIONS = frozenset({0, 12})


class UnknownValue:
    """A value that is known only after an apply."""

    def __repr__(self) -> str:
        return "(known after apply)"


UNKNOWN = UnknownValue()
State = dict[str, Any]


def decode(data: bytes) -> Any:
    """Return the value behind msgpack bytes."""

    def extension(code: int, _: memoryview) -> UnknownValue:
        if code not in _UNKNOWN_EXTENSIONS:
            raise ValueError(f"msgpack extension {code}")
        return UNKNOWN

    return msgspec.msgpack.decode(data, ext_hook=extension) if data else None


def encode(value: Any) -> bytes:
    """Return ``value`` as msgpack bytes."""

    def hook(item: Any) -> msgspec.msgpack.Ext:
        if isinstance(item, UnknownValue):
            return msgspec.msgpack.Ext(0, b"\x00")
        raise TypeError(type(item))

    return msgspec.msgpack.encode(value, enc_hook=hook)


def terraform_type(described: Any) -> Any:
    """Return an attribute's type as Terraform writes it in JSON."""
    match described:
        case ["object", fields]:
            return ["object", {name: terraform_type(inner) for name, inner in fields.items()}]
        case [kind, element]:
            return [kind, terraform_type(element)]
        case _:
            return described


def as_block(value: State, schema: Block, path: tuple[Step, ...] = ()) -> BlockValue:
    """Return decoded state as the rules and the mappings see a resource."""
    block = BlockValue(path=path)
    for name in schema.attributes:
        block.attributes[name] = _known(value.get(name), name)
    block.attributes = {name: item for name, item in block.attributes.items() if item is not None}
    for name, described in schema.block_types.items():
        items = value.get(name)
        if isinstance(items, dict):
            items = [items]
        if isinstance(items, UnknownValue) or (isinstance(items, list) and UNKNOWN in items):
            block.open_blocks |= {name}
        if not isinstance(items, list):
            continue
        block.blocks[name] = [
            as_block(item, described.block, (*path, name, index))
            for index, item in enumerate(items)
            if isinstance(item, dict)
        ]
    block.blocks = {name: items for name, items in block.blocks.items() if items}
    return block


def _known(value: Any, name: str) -> Value:
    if isinstance(value, UnknownValue):
        return Unknown(name)
    if isinstance(value, list):
        return [_known(item, name) for item in value]
    if isinstance(value, dict):
        return {key: _known(item, name) for key, item in value.items()}
    known: Value = value
    return known
