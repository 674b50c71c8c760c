"""Compares a resource with the provider's argument schema, as ``terraform validate`` would."""

from collections.abc import Iterator
from difflib import get_close_matches

from netra_cloud.terraform.configuration import Resource
from netra_cloud.terraform.findings import Finding, Severity
from netra_cloud.terraform.schema import (
    META_ARGUMENTS,
    ORIGIN,
    ORIGINS,
    Block,
    provider_of,
    resource_schema,
    resource_types,
)
from netra_cloud.terraform.type_check import misfit
from netra_cloud.terraform.values import BlockValue

_REFERENCE = f"argument schema of hashicorp/google {ORIGIN.provider_version}"


def check_schema(resource: Resource) -> Iterator[Finding]:
    """Yield what Terraform itself would refuse in ``resource``.

    Nothing is claimed about the types of providers whose schema is not vendored.
    """
    provider = provider_in(resource)
    schema = resource_schema(resource.type, provider)
    if schema is None:
        if provider in ORIGINS:
            yield _unknown_type(resource, provider)
        return
    yield from _check(resource, resource.body, schema, resource.type)


def provider_in(resource: Resource) -> str:
    """Return the provider of a resource: its ``provider`` argument, else by its type."""
    written = resource.body.get("provider")
    name = str(written).partition(".")[0] if written is not None else ""
    return name if name in ORIGINS else provider_of(resource.type)


def _unknown_type(resource: Resource, provider: str) -> Finding:
    origin = ORIGINS[provider]
    known = resource_types(provider)
    close = get_close_matches(resource.type, known, n=1, cutoff=0.9)
    remedy = f"write {close[0]}" if close else "write a type of the provider"
    if resource.type in resource_types("google-beta"):
        remedy = "add provider = google-beta: this type is in the beta provider only"
    return _finding(
        resource,
        resource.body,
        None,
        "unknown-type",
        f'hashicorp/{provider} {origin.provider_version} has no resource type "{resource.type}"',
        remedy,
    )


def _check(resource: Resource, block: BlockValue, schema: Block, where: str) -> Iterator[Finding]:
    for name in block.attributes:
        attribute = schema.attributes.get(name)
        if attribute is None and not (not block.path and name in META_ARGUMENTS):
            known = "block" if name in schema.block_types else None
            yield _finding(
                resource,
                block,
                name,
                "unsupported-argument",
                f'an argument named "{name}" is not expected in {where}',
                f"write it as a block: {name} {{ … }}" if known else _instead(schema, where),
            )
        elif (
            attribute is not None
            and not (attribute.required or attribute.optional)
            and block.known(name) is not None  # null is as good as not written
        ):
            yield _finding(
                resource,
                block,
                name,
                "computed-argument",
                f'"{name}" of {where} is set by Google and cannot be written',
                "remove the argument; read it as an attribute of the resource",
            )
        elif attribute is not None and (instead := misfit(block.get(name), attribute.type)):
            yield _finding(
                resource,
                block,
                name,
                "wrong-type",
                f'inappropriate value for "{name}" of {where}: {instead} is required',
                "write a value of the argument's type",
            )
    for name, attribute in schema.attributes.items():
        if attribute.required and name not in block.attributes:
            yield _finding(
                resource,
                block,
                None,
                "missing-argument",
                f'{where} lacks the required argument "{name}"',
                f"add {name} = …",
            )
    yield from _check_blocks(resource, block, schema, where)


def _check_blocks(
    resource: Resource, block: BlockValue, schema: Block, where: str
) -> Iterator[Finding]:
    for name, nested in block.blocks.items():
        expected = schema.block_types.get(name)
        if expected is None:
            yield _finding(
                resource,
                block,
                name,
                "unsupported-block",
                f'blocks of type "{name}" are not expected in {where}',
                f"write it as an argument: {name} = …"
                if name in schema.attributes
                else _instead(schema, where),
            )
            continue
        # A dynamic block whose number is not known may be none: two of them can exclude each other.
        certain = [one for one in nested if one.is_certain]
        if expected.max_items and len(certain) > expected.max_items:
            yield _finding(
                resource,
                certain[expected.max_items],
                None,
                "too-many-blocks",
                f'{where} takes {expected.max_items} block of type "{name}", not {len(certain)}',
                "keep one of them",
            )
        for inner in nested:
            yield from _check(resource, inner, expected.block, f"{where}.{name}")
    for name, expected in schema.block_types.items():
        if expected.min_items and not block.blocks.get(name) and name not in block.open_blocks:
            yield _finding(
                resource,
                block,
                None,
                "missing-block",
                f'{where} lacks the required block "{name}"',
                f"add {name} {{ … }}",
            )


def _instead(schema: Block, where: str) -> str:
    takes = ", ".join(sorted(schema.block_types)) or "no blocks"
    return f"remove it; blocks that {where} takes: {takes}"


def _finding(  # noqa: PLR0917 -- one private constructor, called in one shape
    resource: Resource,
    block: BlockValue,
    name: str | None,
    rule: str,
    message: str,
    remedy: str,
) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.ERROR,
        file=block.file_of(name) or resource.file,
        line=block.line_of(name),
        address=resource.address,
        path=(*block.path, *((name,) if name else ())),
        message=message,
        why="terraform validate stops here: the provider's schema has no such thing",
        remedy=remedy,
        reference=_REFERENCE,
    )
