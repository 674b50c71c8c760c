"""Compares a resource with the provider's argument schema, as ``terraform validate`` would."""

from collections.abc import Iterator

from netra_cloud.terraform.configuration import Resource
from netra_cloud.terraform.findings import Finding, Severity
from netra_cloud.terraform.schema import META_ARGUMENTS, ORIGIN, Block, resource_schema
from netra_cloud.terraform.values import BlockValue

# The schema is the released provider's; the beta provider has further arguments.
_BETA_MAY_KNOW = frozenset({"unsupported-argument", "unsupported-block"})
_REFERENCE = f"argument schema of hashicorp/google {ORIGIN.provider_version}"


def check_schema(resource: Resource) -> Iterator[Finding]:
    """Yield what Terraform itself would refuse in ``resource``; nothing for an unknown type."""
    schema = resource_schema(resource.type)
    if schema is None:
        return
    is_beta = str(resource.body.get("provider") or "").startswith("google-beta")
    for finding in _check(resource, resource.body, schema, resource.type):
        if not (is_beta and finding.rule in _BETA_MAY_KNOW):
            yield finding


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
        if expected.max_items and len(nested) > expected.max_items:
            yield _finding(
                resource,
                nested[expected.max_items],
                None,
                "too-many-blocks",
                f'{where} takes {expected.max_items} block of type "{name}", not {len(nested)}',
                "keep one of them",
            )
        for inner in nested:
            yield from _check(resource, inner, expected.block, f"{where}.{name}")
    for name, expected in schema.block_types.items():
        if expected.min_items and not block.blocks.get(name):
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
        file=resource.file,
        line=block.line_of(name),
        address=resource.address,
        path=(*block.path, *((name,) if name else ())),
        message=message,
        why="terraform validate stops here: the provider's schema has no such thing",
        remedy=remedy,
        reference=_REFERENCE,
    )
