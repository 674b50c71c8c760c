"""Blocks of source as evaluated values, ``dynamic`` ones written out."""

from collections.abc import Iterator
from dataclasses import replace

from netra_cloud.terraform.expressions import Scope, evaluate
from netra_cloud.terraform.hcl_source import SourceBlock
from netra_cloud.terraform.values import (
    BlockValue,
    SetValue,
    Step,
    Unknown,
    Value,
    key_value,
)

_NOT_THE_PROVIDERS = {"lifecycle", "provisioner", "connection"}


def block_value(block: SourceBlock, scope: Scope, path: tuple[Step, ...]) -> BlockValue:
    """Return the evaluated content of a block.

    Args:
        block: the source.
        scope: what its names mean.
        path: steps from the resource to the block.
    """
    value = BlockValue(
        attributes={
            name: evaluate(argument.expression, scope)
            for name, argument in block.body.arguments.items()
        },
        line=block.line,
        path=path,
        attribute_lines={name: arg.line for name, arg in block.body.arguments.items()},
        file=block.file,
        attribute_files={
            name: arg.file for name, arg in block.body.arguments.items() if arg.file is not None
        },
    )
    dormant = frozenset[str]()
    for nested in block.body.blocks:
        if not path and nested.type in _NOT_THE_PROVIDERS:
            continue
        if nested.type == "dynamic" and not nested.labels:
            continue
        name = nested.labels[0] if nested.type == "dynamic" else nested.type
        listed = value.blocks.setdefault(name, [])
        expanded = list(_expanded(nested, scope))
        for inner, inner_scope, is_certain in expanded:
            written = block_value(inner, inner_scope, (*path, name, len(listed)))
            listed.append(replace(written, is_certain=is_certain))
        if not expanded:
            dormant |= _references_in(nested, scope)
    return replace(value, dormant=dormant)


def _references_in(block: SourceBlock, scope: Scope) -> frozenset[str]:
    """Return what the content of a ``dynamic`` block refers to that does not occur at present."""
    unnamed: dict[str, Value] = {_iterator(block, scope): Unknown("iterator")}
    return frozenset[str]().union(
        *(
            block_value(content, scope.with_names(**unnamed), ()).references()
            for content in block.nested("content")
        )
    )


def _expanded(block: SourceBlock, scope: Scope) -> Iterator[tuple[SourceBlock, Scope, bool]]:
    if block.type != "dynamic":
        yield block, scope, True
        return
    iterator = _iterator(block, scope)
    for_each = block.body.arguments.get("for_each")
    if for_each is None:
        return  # terraform refuses it: a dynamic block needs for_each
    collection = evaluate(for_each.expression, scope)
    pairs: list[tuple[Value, Value]]
    if isinstance(collection, dict):
        pairs = [(key_value(key), item) for key, item in sorted(collection.items())]
    elif isinstance(collection, SetValue):
        pairs = [(item, item) for item in collection]
    elif isinstance(collection, list):
        pairs = list(enumerate(collection))
    else:
        known = collection.references if isinstance(collection, Unknown) else frozenset()
        pairs = [(Unknown(f"{iterator}.key"), Unknown(f"{iterator}.value", known))]
    for content in block.nested("content"):
        for key, item in pairs:
            names: dict[str, Value] = {iterator: {"key": key, "value": item}}
            yield content, scope.with_names(**names), isinstance(collection, dict | list)


def _iterator(block: SourceBlock, scope: Scope) -> str:
    argument = block.body.arguments.get("iterator")
    if argument is None:
        return block.labels[0]
    named = evaluate(argument.expression, scope)
    return named.text if isinstance(named, Unknown) else str(named)
