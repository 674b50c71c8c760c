"""A directory of Terraform files as resources with evaluated bodies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from netra_cloud.terraform.expressions import Scope, evaluate
from netra_cloud.terraform.hcl_source import Body, SourceBlock, SyntaxProblem, parse_file
from netra_cloud.terraform.values import BlockValue, Step, Unknown, Value

_NOT_THE_PROVIDERS = {"lifecycle", "provisioner", "connection"}


@dataclass(frozen=True)
class Resource:
    """One resource instance; a resource with ``for_each`` gives one per known key."""

    type: str
    name: str
    key: str | None
    body: BlockValue
    file: Path

    @property
    def address(self) -> str:
        """``type.name`` or ``type.name["key"]``."""
        suffix = "" if self.key is None else f'["{self.key}"]'
        return f"{self.type}.{self.name}{suffix}"


@dataclass
class Configuration:
    """All resources, and how they refer to each other."""

    resources: list[Resource] = field(default_factory=list)
    problems: list[SyntaxProblem] = field(default_factory=list)

    def of_type(self, *types: str) -> Iterator[Resource]:
        """Yield the resources of these types."""
        return (resource for resource in self.resources if resource.type in types)

    def referenced(self, block: BlockValue, argument: str) -> list[Resource]:
        """Return the resources that ``block.argument`` refers to."""
        value = block.get(argument)
        if isinstance(value, Unknown):
            wanted = value.references
        elif isinstance(value, list):
            wanted = frozenset(r for v in value if isinstance(v, Unknown) for r in v.references)
        else:
            return []
        return self.resolve(wanted)

    def resolve(self, addresses: frozenset[str]) -> list[Resource]:
        """Return the resources at ``addresses``; an address without key means every instance."""
        return [
            resource
            for resource in self.resources
            if resource.address in addresses or f"{resource.type}.{resource.name}" in addresses
        ]

    @cached_property
    def referenced_addresses(self) -> frozenset[str]:
        """Every address that some resource's body refers to."""
        return frozenset[str]().union(*(r.body.references() for r in self.resources))


def load(directory: Path, variables: Mapping[str, Value] | None = None) -> Configuration:
    """Read every ``*.tf`` of ``directory``.

    Args:
        directory: a Terraform root module.
        variables: values that win over the defaults written in the files.
    """
    bodies: list[tuple[Path, Body]] = []
    configuration = Configuration()
    for file in sorted(directory.glob("*.tf")):
        try:
            bodies.append((file, parse_file(file)))
        except SyntaxProblem as problem:
            configuration.problems.append(problem)
    blocks = [
        SourceBlock(b.type, b.labels, b.body, b.line, file)
        for file, body in bodies
        for b in body.blocks
    ]
    scope = _root_scope(blocks, directory, variables or {})
    for block in blocks:
        if block.type == "resource" and len(block.labels) == 2:  # noqa: PLR2004 -- type and name
            configuration.resources.extend(_instances(block, scope))
    return configuration


def _root_scope(
    blocks: list[SourceBlock], directory: Path, variables: Mapping[str, Value]
) -> Scope:
    scope = Scope(directory)
    known: dict[str, Value] = {}
    for block in blocks:
        if block.type == "variable" and "default" in block.body.arguments:
            known[block.labels[0]] = evaluate(block.body.arguments["default"].expression, scope)
    scope.variables = {**known, **variables}
    expressions = {
        name: argument.expression
        for block in blocks
        if block.type == "locals"
        for name, argument in block.body.arguments.items()
    }
    values: dict[str, Value] = {}

    def local(name: str) -> Value:
        if name not in values:
            values[name] = Unknown(f"local.{name}")  # what a cycle would see
            if name in expressions:
                values[name] = evaluate(expressions[name], scope)
        return values[name]

    scope.local = local
    return scope


def _instances(block: SourceBlock, scope: Scope) -> Iterator[Resource]:
    for_each = block.body.arguments.get("for_each")
    if for_each is None:
        names: dict[str, Value] = {}
        if "count" in block.body.arguments:
            names["count"] = {"index": Unknown("count.index")}
        yield _resource(block, None, scope.with_names(**names))
        return
    collection = evaluate(for_each.expression, scope)
    items: dict[str, Value] = {}
    if isinstance(collection, dict):
        items = dict(sorted(collection.items(), key=lambda pair: str(pair[0])))
    elif isinstance(collection, list):
        items = {str(item): item for item in collection}
    for key, value in items.items():
        yield _resource(block, key, scope.with_names(each={"key": key, "value": value}))
    if not isinstance(collection, dict | list):
        each: Value = {"key": Unknown("each.key"), "value": Unknown("each.value")}
        yield _resource(block, None, scope.with_names(each=each))


def _resource(block: SourceBlock, key: str | None, scope: Scope) -> Resource:
    body = _block_value(block, scope, ())
    return Resource(block.labels[0], block.labels[1], key, body, block.file)


def _block_value(block: SourceBlock, scope: Scope, path: tuple[Step, ...]) -> BlockValue:
    value = BlockValue(
        attributes={
            name: evaluate(argument.expression, scope)
            for name, argument in block.body.arguments.items()
        },
        line=block.line,
        path=path,
        attribute_lines={name: arg.line for name, arg in block.body.arguments.items()},
    )
    for nested in block.body.blocks:
        if not path and nested.type in _NOT_THE_PROVIDERS:
            continue
        name = nested.labels[0] if nested.type == "dynamic" else nested.type
        listed = value.blocks.setdefault(name, [])
        for inner, inner_scope in _expanded(nested, scope):
            listed.append(_block_value(inner, inner_scope, (*path, name, len(listed))))
    return value


def _expanded(block: SourceBlock, scope: Scope) -> Iterator[tuple[SourceBlock, Scope]]:
    if block.type != "dynamic":
        yield block, scope
        return
    iterator_argument = block.body.arguments.get("iterator")
    iterator = block.labels[0]
    if iterator_argument is not None:
        named = evaluate(iterator_argument.expression, scope)
        iterator = named.text if isinstance(named, Unknown) else str(named)
    collection = evaluate(block.body.arguments["for_each"].expression, scope)
    pairs: list[tuple[Value, Value]]
    if isinstance(collection, dict):
        pairs = sorted(collection.items(), key=lambda pair: str(pair[0]))
    elif isinstance(collection, list):
        pairs = list(enumerate(collection))
    else:
        pairs = [(Unknown(f"{iterator}.key"), Unknown(f"{iterator}.value"))]
    for content in block.nested("content"):
        for key, item in pairs:
            yield content, scope.with_names(**{iterator: {"key": key, "value": item}})
