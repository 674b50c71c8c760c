"""What a configuration and its modules ask of providers, read from the files alone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from netra_cloud.terraform.expressions import Scope, evaluate
from netra_cloud.terraform.hcl_source import SourceBlock
from netra_cloud.terraform.module_files import read_module
from netra_cloud.terraform.schema import ORIGINS, provider_of

_REGISTRY = "registry.terraform.io/"
_NAMESPACE = "hashicorp/"
_BUILT_IN = frozenset({"terraform"})  # terraform_data, terraform_remote_state: in the program
_MAX_MODULES = 1_000


@dataclass(frozen=True)
class Place:
    """Something written in a file."""

    name: str
    file: Path
    line: int

    def __str__(self) -> str:
        return f"{self.name} ({self.file.name}:{self.line})"


@dataclass
class Survey:
    """What was found in the module and in the modules it calls.

    Attributes:
        constraints: texts of version constraints, by the name of a provider of HashiCorp.
        foreign: sources of providers that the stand-in cannot replace.
        resources: the first place of each resource type.
        data: each data source.
        provisioners: the resources that have one.
    """

    constraints: dict[str, list[str]] = field(default_factory=dict)
    foreign: dict[str, Place] = field(default_factory=dict)
    resources: dict[str, Place] = field(default_factory=dict)
    data: list[Place] = field(default_factory=list)
    provisioners: list[Place] = field(default_factory=list)


def survey(directory: Path) -> Survey:
    """Return what a root module and its modules ask for; unreadable files are left out."""
    found = Survey()
    for _, blocks in _modules(directory):
        local_names = {name: name for name in ORIGINS}
        for block in blocks:
            if block.type == "terraform":
                _read_requirements(block, found, local_names)
        for block in blocks:
            _read_block(block, found, local_names)
    return found


def module_directories(directory: Path) -> list[Path]:
    """Return the directories of the root module, of local modules, and of those fetched by init."""
    return [module for module, _ in _modules(directory)]


def _modules(directory: Path) -> Iterator[tuple[Path, list[SourceBlock]]]:
    waiting, seen = [directory, *fetched_modules(directory).values()], set[Path]()
    while waiting and len(seen) < _MAX_MODULES:
        module = waiting.pop(0).resolve()
        if module in seen or not module.is_dir():
            continue
        seen.add(module)
        blocks = read_module(module).blocks
        yield module, blocks
        for block in blocks:
            source = block.body.arguments.get("source") if block.type == "module" else None
            written = None if source is None else evaluate(source.expression, Scope(module))
            if isinstance(written, str) and written.startswith(("./", "../")):
                waiting.append(module / written)


def fetched_modules(directory: Path) -> dict[str, Path]:
    """Return where ``terraform init`` has put modules, by their dotted name."""
    manifest = directory / ".terraform" / "modules" / "modules.json"
    try:
        listed = json.loads(manifest.read_text(encoding="utf-8"))["Modules"]
        return {entry["Key"]: directory / entry["Dir"] for entry in listed if entry["Key"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}  # nothing was fetched, or not by terraform


def _read_requirements(block: SourceBlock, found: Survey, local_names: dict[str, str]) -> None:
    for nested in block.nested("required_providers"):
        for name, argument in nested.body.arguments.items():
            value = evaluate(argument.expression, Scope(block.file.parent))
            wanted = value if isinstance(value, dict) else {"version": value}
            source = wanted.get("source")
            text = source if isinstance(source, str) else f"{_NAMESPACE}{name}"
            provider = text.lower().removeprefix(_REGISTRY).removeprefix(_NAMESPACE)
            local_names[name] = provider
            if provider not in ORIGINS and provider not in _BUILT_IN:
                found.foreign.setdefault(text, Place(text, block.file, argument.line))
            version = wanted.get("version")
            if isinstance(version, str):
                found.constraints.setdefault(provider, []).append(version)


def _read_block(block: SourceBlock, found: Survey, local_names: dict[str, str]) -> None:
    if block.type == "provider" and block.labels:
        version = block.body.arguments.get("version")  # deprecated, and still obeyed
        text = None if version is None else evaluate(version.expression, Scope(block.file.parent))
        if isinstance(text, str):
            provider = local_names.get(block.labels[0], block.labels[0])
            found.constraints.setdefault(provider, []).append(text)
    if block.type not in {"resource", "data"} or len(block.labels) != 2:  # noqa: PLR2004 -- type and name
        return
    kind, name = block.labels
    place = Place(f"{kind}.{name}", block.file, block.line)
    provider = provider_of(kind)
    known = local_names.get(provider, provider)
    if known not in ORIGINS and known not in _BUILT_IN and provider not in local_names:
        source = f"{_NAMESPACE}{provider}"
        found.foreign.setdefault(source, Place(source, block.file, block.line))
    if block.type == "data":
        found.data.append(Place(f"data.{kind}.{name}", block.file, block.line))
        return
    found.resources.setdefault(kind, place)
    if any(block.nested("provisioner")):
        found.provisioners.append(place)
