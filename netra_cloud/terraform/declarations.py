"""What Terraform refuses in a module before it asks a provider: names, functions, attributes.

Source: https://developer.hashicorp.com/terraform/language (syntax, functions, references).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from netra_cloud.terraform.expressions import children
from netra_cloud.terraform.hcl_source import Body, SourceBlock
from netra_cloud.terraform.schema import data_schema, data_types, provider_of, resource_schema
from netra_cloud.terraform.syntax.nodes import Attribute, Call, Index, Name, Node

# `terraform metadata functions`, and those that are no functions of the language's library there.
FUNCTIONS = frozenset(
    [
        "abs",
        "abspath",
        "alltrue",
        "anytrue",
        "base64decode",
        "base64encode",
        "base64gzip",
        "base64sha256",
        "base64sha512",
        "basename",
        "bcrypt",
        "can",
        "ceil",
        "chomp",
        "chunklist",
        "cidrhost",
        "cidrnetmask",
        "cidrsubnet",
        "cidrsubnets",
        "coalesce",
        "coalescelist",
        "compact",
        "concat",
        "contains",
        "convert",
        "csvdecode",
        "dirname",
        "distinct",
        "element",
        "endswith",
        "ephemeralasnull",
        "file",
        "filebase64",
        "filebase64sha256",
        "filebase64sha512",
        "fileexists",
        "filemd5",
        "fileset",
        "filesha1",
        "filesha256",
        "filesha512",
        "flatten",
        "floor",
        "format",
        "formatdate",
        "formatlist",
        "indent",
        "index",
        "issensitive",
        "join",
        "jsondecode",
        "jsonencode",
        "keys",
        "length",
        "list",
        "log",
        "lookup",
        "lower",
        "map",
        "matchkeys",
        "max",
        "md5",
        "merge",
        "min",
        "nonsensitive",
        "one",
        "parseint",
        "pathexpand",
        "plantimestamp",
        "pow",
        "range",
        "regex",
        "regexall",
        "replace",
        "reverse",
        "rsadecrypt",
        "sensitive",
        "setintersection",
        "setproduct",
        "setsubtract",
        "setunion",
        "sha1",
        "sha256",
        "sha512",
        "signum",
        "slice",
        "sort",
        "split",
        "startswith",
        "strcontains",
        "strrev",
        "substr",
        "sum",
        "templatefile",
        "templatestring",
        "textdecodebase64",
        "textencodebase64",
        "timeadd",
        "timecmp",
        "timestamp",
        "title",
        "tobool",
        "tolist",
        "tomap",
        "tonumber",
        "toset",
        "tostring",
        "transpose",
        "trim",
        "trimprefix",
        "trimspace",
        "trimsuffix",
        "try",
        "type",
        "upper",
        "urldecode",
        "urlencode",
        "uuid",
        "uuidv5",
        "values",
        "yamldecode",
        "yamlencode",
        "zipmap",
    ]
)
_LABELS = {
    "check": 1, "data": 2, "ephemeral": 2, "locals": 0, "module": 1, "output": 1, "provider": 1,
    "resource": 2, "variable": 1,
}  # fmt: skip
# Blocks of these types may stand once for each name.
_ONCE = frozenset({"check", "data", "ephemeral", "module", "output", "resource", "variable"})
_GOOGLE = frozenset({"google", "google-beta"})
_CHAIN = 3  # type.name.attribute


@dataclass(frozen=True)
class Misdeclared:
    """Something that stops ``terraform validate``.

    Attributes:
        rule: id of the finding.
        message: what is wrong.
        remedy: what to write.
        address: labels of the block that it is in.
    """

    rule: str
    message: str
    remedy: str
    file: Path
    line: int
    address: str


def misdeclared(blocks: list[SourceBlock]) -> list[Misdeclared]:
    """Return what Terraform refuses in the blocks of one module."""
    return [
        *_duplicates(blocks),
        *_locals(blocks),
        *(found for block in blocks for found in _block(block)),
    ]


def _duplicates(blocks: list[SourceBlock]) -> Iterator[Misdeclared]:
    first: dict[tuple[str, ...], SourceBlock] = {}
    for block in blocks:
        name = (block.type, *block.labels)
        if block.type not in _ONCE or len(block.labels) != _LABELS[block.type]:
            continue
        former = first.setdefault(name, block)
        if former is not block:
            words = f"{block.type} {'.'.join(block.labels)}"
            yield _found(
                "duplicate-declaration",
                f"{words} is declared at {former.file.name}:{former.line} as well",
                "rename one of them, or remove it",
                block,
                block.line,
            )


def _locals(blocks: list[SourceBlock]) -> Iterator[Misdeclared]:
    first: dict[str, SourceBlock] = {}
    for block in blocks:
        for name, argument in block.body.arguments.items() if block.type == "locals" else ():
            former = first.setdefault(name, block)
            if former is not block:
                yield _found(
                    "duplicate-declaration",
                    f"local.{name} is declared in the locals at {former.file.name}:{former.line} "
                    "as well",
                    "rename one of them, or remove it",
                    block,
                    argument.line,
                )


def _block(block: SourceBlock) -> Iterator[Misdeclared]:
    wanted = _LABELS.get(block.type)
    if wanted is not None and len(block.labels) != wanted:
        yield _found(
            "wrong-labels",
            f"{block.type} has {len(block.labels)} labels, expected {wanted}",
            "write the type and the name in quotes after the word"
            if wanted == _LABELS["data"]
            else "write one name in quotes after the word",
            block,
            block.line,
        )
        return
    if block.type == "data":
        yield from _data_type(block)
    yield from _body(block, block.body)


def _data_type(block: SourceBlock) -> Iterator[Misdeclared]:
    name = block.labels[0]
    provider = provider_of(name)
    if provider in _GOOGLE and not any(name in data_types(one) for one in _GOOGLE):
        yield _found(
            "unknown-type",
            f'the google provider has no data source type "{name}"',
            "write a type of the provider",
            block,
            block.line,
        )


def _body(block: SourceBlock, body: Body) -> Iterator[Misdeclared]:
    for name, argument in body.arguments.items():
        if (block.type, name) != ("variable", "type"):  # object(…) is no call there
            yield from _expression(block, argument.expression, argument.line)
    for nested in body.blocks:
        yield from _body(block, nested.body)


def _expression(block: SourceBlock, node: Node, line: int) -> Iterator[Misdeclared]:
    if isinstance(node, Call):
        name = node.name.removeprefix("core::")
        if "::" not in name and name not in FUNCTIONS:
            yield _found(
                "unknown-function",
                f"Terraform has no function {name}",
                "write a function of the language",
                block,
                line,
            )
    elif isinstance(node, Attribute | Index):
        yield from _attribute(block, node, line)
    for child in children(node):
        yield from _expression(block, child, line)


def _attribute(block: SourceBlock, node: Node, line: int) -> Iterator[Misdeclared]:
    names: list[str] = []
    while isinstance(node, Attribute | Index):
        if isinstance(node, Attribute):
            names.append(node.name)
        node = node.owner
    if not isinstance(node, Name):
        return
    steps = [node.name, *reversed(names)]
    is_data = steps[0] == "data"
    steps = steps[1:] if is_data else steps
    if len(steps) != _CHAIN:
        return  # longer chains contain this one
    kind, _, attribute = steps
    if provider_of(kind) in _GOOGLE and not _has(kind, attribute, is_data=is_data):
        yield _found(
            "unsupported-attribute",
            f"{kind} has no attribute {attribute}",
            "write an attribute of the resource",
            block,
            line,
        )


def _has(kind: str, attribute: str, *, is_data: bool) -> bool:
    """Return whether a type has an attribute or a block, True for a type that is not known."""
    read = data_schema if is_data else resource_schema
    schemas = [found for provider in _GOOGLE if (found := read(kind, provider)) is not None]
    return not schemas or any(
        attribute in found.attributes or attribute in found.block_types for found in schemas
    )


def _found(rule: str, message: str, remedy: str, block: SourceBlock, line: int) -> Misdeclared:
    address = ".".join(block.labels)
    return Misdeclared(rule, message, remedy, block.file, line, address)
