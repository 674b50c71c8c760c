"""A copy of a Terraform directory in which the real terraform finds the stand-in.

The real directory is never written to: no lock file, no state, no ``.terraform``. Its files, and
those of the clone around it that they may read (``../``), are linked; lock file, state and backend
stay out.
"""

import json
import platform
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from netra_cloud.terraform.module_files import terraform_files
from netra_cloud.terraform.schema import ORIGINS
from netra_cloud.terraform.stand_in.__main__ import CLOUD_FILE_VARIABLE
from netra_cloud.terraform.stand_in.survey import survey
from netra_cloud.terraform.stand_in.versions import locked_versions, offered

_LOCK_FILE = ".terraform.lock.hcl"
_NOT_LINKED = (".terraform", _LOCK_FILE, "terraform.tfstate", ".terraform.tfstate")
_PYTHON, _ROOT = "NETRA_STAND_IN_PYTHON", "NETRA_STAND_IN_ROOT"
# The same text everywhere: terraform keeps its checksum in the lock file.
_LAUNCHER = (
    f'#!/bin/sh\nPYTHONPATH="${_ROOT}" exec "${_PYTHON}" -m netra_cloud.terraform.stand_in %s\n'
)
_BACKEND = re.compile(r'^\s*(?:backend\s+"?\w+"?|cloud)\s*\{|"(?:backend|cloud)"\s*:', re.MULTILINE)
_CLIMB = re.compile(r"(?:\.\./)+")
_OVERRIDE = "zz_stand_in_override.tf"
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64", "AMD64": "amd64"}


@dataclass(frozen=True)
class Workspace:
    """Where terraform runs.

    Attributes:
        directory: its working directory.
        cloud_file: what an apply leaves behind.
        environment: variables for the terraform process, beside the caller's own.
    """

    directory: Path
    cloud_file: Path
    environment: dict[str, str]


def prepare(real: Path, scratch: Path) -> Workspace:
    """Make or refresh the workspace of ``real`` under ``scratch``; state in it is kept.

    Args:
        real: a Terraform root module; only read.
        scratch: a directory of ours.
    """
    source, directory = _top(real), scratch / "tree"
    for part in real.relative_to(source).parts:
        directory.mkdir(parents=True, exist_ok=True)
        _link_all(source, directory, {part, ".git", ".netra", ".venv"})
        source, directory = source / part, directory / part
    directory.mkdir(parents=True, exist_ok=True)
    _link_all(real, directory, set(_NOT_LINKED))
    if _has_backend(real):
        (directory / _OVERRIDE).write_text('terraform {\n  backend "local" {}\n}\n')
    _link_modules(real, directory)
    mirror = scratch / "mirror"
    if _write_mirror(mirror, _offers(real, directory)):
        shutil.rmtree(directory / ".terraform" / "providers", ignore_errors=True)
        (directory / _LOCK_FILE).unlink(missing_ok=True)
    config = scratch / "terraform.rc"
    config.write_text(
        f"provider_installation {{\n  filesystem_mirror {{\n    path = {json.dumps(str(mirror))}\n"
        "  }\n}\n"
    )
    cloud_file = scratch / "cloud.json"
    return Workspace(
        directory,
        cloud_file,
        {
            "TF_CLI_CONFIG_FILE": str(config),
            "CHECKPOINT_DISABLE": "1",  # no call home
            CLOUD_FILE_VARIABLE: str(cloud_file),
            _PYTHON: sys.executable,
            _ROOT: str(Path(__file__).parents[3]),
        },
    )


def _top(real: Path) -> Path:
    """Return the directory whose tree ``real`` may read: its git clone, else what it climbs to."""
    for ancestor in real.parents:
        if (ancestor / ".git").exists():
            return ancestor
    files = (file for listed in terraform_files(real) for file in listed)
    texts = (file.read_text(encoding="utf-8", errors="replace") for file in files)
    climbs = [len(match) // len("../") for text in texts for match in _CLIMB.findall(text)]
    return real.parents[min(max([1, *climbs]), len(real.parents)) - 1]


def _link_all(source: Path, target: Path, without: set[str]) -> None:
    wanted = {
        entry.name
        for entry in source.iterdir()
        if entry.name not in without and not entry.name.endswith((".tfstate", ".tfstate.backup"))
    }
    for entry in target.iterdir():
        if entry.is_symlink() and entry.name not in wanted:
            entry.unlink()
    for name in wanted:
        link = target / name
        if link.is_symlink() and link.readlink() != source / name:
            link.unlink()  # the workspace shows another commit's files now
        if not link.is_symlink() and not link.exists():
            link.symlink_to(source / name)


def _has_backend(real: Path) -> bool:
    return any(
        _BACKEND.search(file.read_text(encoding="utf-8", errors="replace"))
        for files in terraform_files(real)
        for file in files
    )


def _link_modules(real: Path, directory: Path) -> None:
    """Take over the modules that `terraform init` has fetched in the real directory."""
    fetched = real / ".terraform" / "modules"
    manifest = fetched / "modules.json"
    if not manifest.is_file():
        return
    modules = directory / ".terraform" / "modules"
    modules.mkdir(parents=True, exist_ok=True)
    for entry in fetched.iterdir():
        link = modules / entry.name
        if entry.is_dir() and not link.exists():
            link.unlink(missing_ok=True)  # it may lead to where another checkout was
            link.symlink_to(entry)
    shutil.copyfile(manifest, modules / manifest.name)


def _offers(real: Path, directory: Path) -> dict[str, list[str]]:
    """Return the versions to offer of each provider."""
    constraints = survey(directory).constraints
    lock = real / _LOCK_FILE
    locked = locked_versions(lock.read_text(encoding="utf-8")) if lock.is_file() else {}
    return {
        name: sorted(
            offered(name, origin.provider_version, constraints.get(name, ()), locked.get(name))
        )
        for name, origin in ORIGINS.items()
    }


def _write_mirror(mirror: Path, offers: dict[str, list[str]]) -> bool:
    """Write a launcher for each version where terraform's filesystem mirror expects it.

    Returns whether other launchers were there: terraform's lock file then has a wrong checksum.
    """
    listing = mirror / "offers.json"
    text = json.dumps({"launcher": _LAUNCHER, "offers": offers})
    if listing.exists() and listing.read_text() == text:
        return False
    was_there = mirror.exists()
    shutil.rmtree(mirror, ignore_errors=True)
    system = f"{platform.system().lower()}_{_MACHINES[platform.machine()]}"
    for name, versions in offers.items():
        provider = mirror / "registry.terraform.io" / "hashicorp" / name
        for version in versions:
            place = provider / version / system
            place.mkdir(parents=True)
            launcher = place / f"terraform-provider-{name}_v{version}"
            launcher.write_text(_LAUNCHER % name)
            launcher.chmod(0o755)
    listing.write_text(text)
    return was_there
