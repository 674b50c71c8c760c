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

from netra_cloud.terraform.schema import ORIGIN
from netra_cloud.terraform.stand_in.__main__ import CLOUD_FILE_VARIABLE

_NOT_LINKED = (".terraform", ".terraform.lock.hcl", "terraform.tfstate", ".terraform.tfstate")
# Modules of Google's own often ask for the beta provider, whose arguments are these and more.
_PROVIDERS = ("google", "google-beta")
_PYTHON, _ROOT = "NETRA_STAND_IN_PYTHON", "NETRA_STAND_IN_ROOT"
# The same text everywhere: terraform keeps its checksum in the lock file.
_LAUNCHER = (
    f'#!/bin/sh\nPYTHONPATH="${_ROOT}" exec "${_PYTHON}" -m netra_cloud.terraform.stand_in\n'
)
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
    mirror = scratch / "mirror"
    replaced = [_write_provider(mirror, name) for name in _PROVIDERS]
    if any(replaced):
        shutil.rmtree(directory / ".terraform", ignore_errors=True)
        (directory / ".terraform.lock.hcl").unlink(missing_ok=True)
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
    texts = (file.read_text(encoding="utf-8") for file in real.glob("*.tf"))
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
    return any("backend " in file.read_text(encoding="utf-8") for file in real.glob("*.tf"))


def _write_provider(mirror: Path, name: str) -> bool:
    """Write the launcher where terraform's filesystem mirror expects the provider ``name``.

    Returns whether another launcher was there: terraform's lock file then has a wrong checksum.
    """
    system = f"{platform.system().lower()}_{_MACHINES[platform.machine()]}"
    version = ORIGIN.provider_version
    place = mirror / "registry.terraform.io" / "hashicorp" / name / version / system
    launcher = place / f"terraform-provider-{name}_v{version}"
    if launcher.exists() and launcher.read_text() == _LAUNCHER:
        return False
    was_there = place.exists()
    if was_there:
        shutil.rmtree(place)
    place.mkdir(parents=True)
    launcher.write_text(_LAUNCHER)
    launcher.chmod(0o755)
    return was_there
