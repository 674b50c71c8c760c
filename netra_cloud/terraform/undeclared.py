"""References to names that a module does not declare, which Terraform refuses.

Source: https://developer.hashicorp.com/terraform/language/expressions/references
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from netra_cloud.terraform.expressions import children
from netra_cloud.terraform.hcl_source import Body, SourceBlock
from netra_cloud.terraform.syntax.nodes import Attribute, For, ForDirective, Index, Name, Node

# Arguments whose expressions name providers or attributes, and no objects.
_NOT_REFERENCES = frozenset({"provider", "providers", "ignore_changes"})
_JUDGED = frozenset({"resource", "data", "module", "output", "locals", "provider"})
_WITH_TYPE = 2  # labels of a resource: type and name


@dataclass(frozen=True)
class Undeclared:
    """A reference to nothing.

    Attributes:
        kind: of the missing object: ``resource``, ``data source``, ``variable``, …
        name: the reference.
    """

    kind: str
    name: str
    file: Path
    line: int
    address: str


def undeclared(blocks: list[SourceBlock]) -> list[Undeclared]:
    """Return the references of a module to what none of its blocks declares."""
    declared = frozenset(_declared(blocks))
    return [
        found
        for block in blocks
        if block.type in _JUDGED
        for found in _in_body(block, block.body, declared, frozenset())
    ]


def _declared(blocks: list[SourceBlock]) -> Iterator[str]:
    for block in blocks:
        if block.type == "locals":
            yield from (f"local.{name}" for name in block.body.arguments)
        elif block.type == "variable" and block.labels:
            yield f"var.{block.labels[0]}"
        elif block.type == "module" and block.labels:
            yield f"module.{block.labels[0]}"
        elif block.type in {"data", "ephemeral"} and len(block.labels) == _WITH_TYPE:
            yield f"{block.type}.{'.'.join(block.labels)}"
        elif block.type == "resource" and len(block.labels) == _WITH_TYPE:
            yield ".".join(block.labels)
        elif block.type == "check":
            for nested in block.nested("data"):
                yield f"data.{'.'.join(nested.labels)}"


def _in_body(
    block: SourceBlock, body: Body, declared: frozenset[str], bound: frozenset[str]
) -> Iterator[Undeclared]:
    for name, argument in body.arguments.items():
        if name not in _NOT_REFERENCES:
            for kind, reference in _in_expression(argument.expression, declared, bound):
                address = ".".join(block.labels)
                yield Undeclared(kind, reference, block.file, argument.line, address)
    for nested in body.blocks:
        inner = bound
        if nested.type == "dynamic" and nested.labels:
            inner = bound | {_iterator(nested)}
        yield from _in_body(block, nested.body, declared, inner)


def _iterator(block: SourceBlock) -> str:
    named = block.body.arguments.get("iterator")
    if named is not None and isinstance(named.expression, Name):
        return named.expression.name
    return block.labels[0]


def _in_expression(
    node: Node, declared: frozenset[str], bound: frozenset[str]
) -> Iterator[tuple[str, str]]:
    steps = _steps(node)
    if steps is not None:
        found = _missing(steps, declared, bound)
        if found is not None:
            yield found
        if isinstance(node, Attribute):
            yield from _in_keys(node.owner, declared, bound)
            return
    if isinstance(node, For | ForDirective):
        yield from _in_expression(node.collection, declared, bound)
        bound |= set(node.names)
    for child in children(node):
        yield from _in_expression(child, declared, bound)


def _in_keys(
    node: Node, declared: frozenset[str], bound: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Look at the keys inside a chain whose names were judged already."""
    while isinstance(node, Attribute | Index):
        if isinstance(node, Index):
            yield from _in_expression(node.key, declared, bound)
        node = node.owner
    if not isinstance(node, Name):
        yield from _in_expression(node, declared, bound)


def _steps(node: Node) -> list[str] | None:
    """Return the names of ``a.b.c``; keys between them are left out. None when it is no chain."""
    names: list[str] = []
    while isinstance(node, Attribute | Index):
        if isinstance(node, Attribute):
            names.append(node.name)
        node = node.owner
    if not isinstance(node, Name) or not names:
        return None
    return [node.name, *reversed(names)]


def _missing(
    steps: list[str], declared: frozenset[str], bound: frozenset[str]
) -> tuple[str, str] | None:
    first = steps[0]
    if first in bound:
        return None
    kinds = {"var": "variable", "local": "local value", "module": "module"}
    if first in kinds:
        name = f"{first}.{steps[1]}"
        return None if name in declared else (kinds[first], name)
    if first in {"data", "ephemeral"} and len(steps) > _WITH_TYPE:
        name = ".".join(steps[:3])
        return None if name in declared else ("data source", name)
    if "_" in first and len(steps) > 1 and first not in {"each", "count", "self"}:
        name = ".".join(steps[:2])
        return None if name in declared else ("resource", name)
    return None
