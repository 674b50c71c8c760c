"""``netra terraform ARGS…``: the real terraform, offline, against the provider stand-in."""

import hashlib
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from netra_cloud.terraform.reader import load
from netra_cloud.terraform.schema import resource_types
from netra_cloud.terraform.stand_in.__main__ import CLOUD_FILE_VARIABLE
from netra_cloud.terraform.stand_in.workspace import Workspace, prepare
from netra_ops.errors import SomethingAbsent
from netra_ops.stack_directory import STACK
from netra_ops.terminal import keep_lines
from netra_ops.terraform.process import Terraform, find_terraform
from netra_ops.terraform.rollback.checkout import committed

_CHDIR = "-chdir="
_NEEDS_NO_INIT = frozenset({"fmt", "init", "version", "-version", "--version", "-help", "--help"})
_SCRATCH = ".netra/terraform"
COMMIT_VARIABLE = "TF_VAR_applied_commit"  # terraform ignores it where no such variable is declared

EPILOG = """Examples:
  netra terraform validate
  netra terraform plan -var-file=staging.tfvars.example -out=stack.tfplan
  netra terraform apply stack.tfplan
  netra terraform test
  netra terraform -chdir=~/infra/prod validate    anyone's directory

Without -chdir it works on the current directory if that holds *.tf files, else on the staging
stack. Nothing reaches Google, and the directory itself is never written to: state and lock file
stay in .netra/terraform. Exit statuses are terraform's; 3 when there is no terraform."""

app = typer.Typer(name="terraform")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog=keep_lines(EPILOG),
)
def terraform(
    context: typer.Context,
    arguments: Annotated[list[str] | None, typer.Argument(help="Arguments of terraform.")] = None,
) -> None:
    """Run the real terraform offline against a stand-in for hashicorp/google."""
    given = [*(arguments or []), *context.args]
    directory = next(
        (Path(a.removeprefix(_CHDIR)).expanduser() for a in given if a.startswith(_CHDIR)), None
    )
    rest = [argument for argument in given if not argument.startswith(_CHDIR)]
    raise typer.Exit(run(directory or _default_directory(), rest))


def run(real: Path, arguments: Sequence[str], scratch_root: Path | None = None) -> int:
    """Run terraform for a directory and return its exit status.

    Args:
        real: a Terraform root module; only read.
        arguments: of terraform, without ``-chdir``.
        scratch_root: where workspaces are kept.

    Raises:
        SomethingAbsent: no terraform on PATH, or no Terraform in the directory.
    """
    find_terraform()
    workspace = open_workspace(real, scratch_root)
    environment = {**workspace.environment, **_applied(real)}
    sys.stderr.write("netra: terraform with a stand-in for hashicorp/google; nothing is sent\n")
    for line in _without_schema(root_module(real)):
        sys.stderr.write(f"netra: {line}\n")
    subcommand = next((a for a in arguments if not a.startswith("-")), "version")
    is_ready = (workspace.directory / ".terraform").exists()
    if not is_ready and subcommand not in _NEEDS_NO_INIT:
        Terraform(workspace.directory, environment).read("init", "-input=false")
    with tempfile.TemporaryDirectory(prefix="netra-terraform-") as passing:
        if subcommand == "test":
            # Tests bring a state of their own: they must not meet what an apply has left.
            environment[CLOUD_FILE_VARIABLE] = str(Path(passing) / "cloud.json")
        return Terraform(workspace.directory, environment).run(*arguments)


def _without_schema(directory: Path) -> list[str]:
    """Return a line for each resource type that the stand-in cannot know."""
    known = set(resource_types())
    places: dict[str, str] = {}
    for resource in load(directory).resources:
        if resource.type.startswith("google_") and resource.type not in known:
            places.setdefault(resource.type, f"{resource.file.name}:{resource.body.line}")
    return [
        f"the stand-in has no schema of {name} ({place}), terraform will call it unsupported; "
        "docs/edge.md says how to add a type"
        for name, place in places.items()
    ]


def _applied(directory: Path) -> dict[str, str]:
    """Return the commit as the variable ``applied_commit``, when the files are as committed."""
    if COMMIT_VARIABLE in os.environ:
        return {}
    commit = committed(directory.resolve())
    return {COMMIT_VARIABLE: commit} if commit else {}


def open_workspace(real: Path, scratch_root: Path | None = None) -> Workspace:
    """Return the workspace of a directory; its state lasts from one command to the next.

    Raises:
        SomethingAbsent: no Terraform there.
    """
    return prepare(root_module(real), scratch_of(real, scratch_root))


def root_module(directory: Path) -> Path:
    """Return ``directory`` in full.

    Raises:
        SomethingAbsent: no Terraform there.
    """
    if not any(directory.glob("*.tf")):
        raise SomethingAbsent(
            f"{directory} holds no *.tf file",
            remedy="give the directory of a Terraform root module",
        )
    return directory.resolve()


def scratch_of(real: Path, scratch_root: Path | None = None) -> Path:
    """Return where the workspace of a directory is kept."""
    root = scratch_root or Path(__file__).parents[2] / _SCRATCH
    digest = hashlib.sha256(bytes(real.resolve())).hexdigest()[:12]
    return root / f"{real.resolve().name}-{digest}"


def _default_directory() -> Path:
    here = Path.cwd()
    return here if any(here.glob("*.tf")) else STACK
