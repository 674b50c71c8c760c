"""The files of one module: native and JSON syntax, with override files merged in.

Source: https://developer.hashicorp.com/terraform/language/files/override
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from netra_cloud.terraform.hcl_source import Body, SourceBlock, SyntaxProblem, parse_file
from netra_cloud.terraform.json_source import parse_json_file

# Top-level blocks that an override adds to by argument and not by name.
_BY_ARGUMENT = frozenset({"locals", "terraform"})


@dataclass
class ModuleFiles:
    """What a module's files hold.

    Attributes:
        count: files that were read.
    """

    blocks: list[SourceBlock] = field(default_factory=list)
    problems: list[SyntaxProblem] = field(default_factory=list)
    count: int = 0


def terraform_files(directory: Path) -> tuple[list[Path], list[Path]]:
    """Return the ordinary files and the override files of a module, in the order they are read."""
    ordinary: list[Path] = []
    overrides: list[Path] = []
    for file in sorted(directory.iterdir()) if directory.is_dir() else []:
        name = file.name
        stem = name.removesuffix(".json").removesuffix(".tf")
        is_terraform = name.endswith((".tf", ".tf.json")) and not name.startswith((".", "#"))
        if is_terraform and not name.endswith("~") and file.is_file():
            is_override = stem == "override" or stem.endswith("_override")
            (overrides if is_override else ordinary).append(file)
    return ordinary, overrides


def read_module(directory: Path) -> ModuleFiles:
    """Return the blocks of a module; a file with a problem does not stop the others."""
    result = ModuleFiles()
    ordinary, overrides = terraform_files(directory)
    for file in ordinary:
        result.blocks += _parsed(file, result)
    for file in overrides:
        for block in _parsed(file, result):
            _override(result.blocks, block)
    return result


def _parsed(file: Path, result: ModuleFiles) -> list[SourceBlock]:
    parse: Callable[[Path], Body] = parse_json_file if file.suffix == ".json" else parse_file
    try:
        body = parse(file)
    except SyntaxProblem as problem:
        result.problems.append(problem)
        return []
    result.count += 1
    return body.blocks


def _override(blocks: list[SourceBlock], override: SourceBlock) -> None:
    """Merge a block of an override file into the block of the same name."""
    same = [b for b in blocks if b.type == override.type and b.labels == override.labels]
    if override.type == "locals":
        for name, argument in override.body.arguments.items():
            for block in same:
                block.body.arguments.pop(name, None)
            if same:
                same[0].body.arguments[name] = replace(argument, file=override.file)
        if not same:
            blocks.append(override)
        return
    if not same:
        blocks.append(override)
        return
    for block in same[:1] if override.type not in _BY_ARGUMENT else same:
        _merge(block.body, override, list(_replaced_types(override)))


def _replaced_types(override: SourceBlock) -> Iterator[str]:
    """Yield the types of nested blocks that the override replaces."""
    for nested in override.body.blocks:
        yield nested.labels[0] if nested.type == "dynamic" and nested.labels else nested.type


def _merge(body: Body, override: SourceBlock, replaced: list[str]) -> None:
    for name, argument in override.body.arguments.items():
        body.arguments[name] = replace(argument, file=override.file)
    lifecycle = [b for b in body.blocks if b.type == "lifecycle"]
    kept = [
        block
        for block in body.blocks
        if (block.labels[0] if block.type == "dynamic" and block.labels else block.type)
        not in replaced
        or block.type == "lifecycle"
    ]
    added: list[SourceBlock] = []
    for block in override.body.blocks:
        if block.type == "lifecycle" and lifecycle:
            lifecycle[0].body.arguments.update(block.body.arguments)
        else:
            added.append(block)
    body.blocks[:] = [*kept, *added]
