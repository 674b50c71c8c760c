"""``netra terraform ARGS…``: the real terraform, offline, against the provider stand-in."""

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from netra_cloud.terraform.module_files import terraform_files
from netra_cloud.terraform.schema import resource_types
from netra_cloud.terraform.stand_in.__main__ import CLOUD_FILE_VARIABLE, VARIABLES_VARIABLE
from netra_cloud.terraform.stand_in.survey import survey
from netra_cloud.terraform.stand_in.workspace import Workspace, prepare
from netra_ops.errors import SomethingAbsent
from netra_ops.stack_directory import STACK
from netra_ops.terminal import keep_lines
from netra_ops.terraform.arguments import IN_PLACE, Invocation, read_arguments
from netra_ops.terraform.process import Terraform, find_terraform
from netra_ops.terraform.rollback.checkout import committed

_CHDIR = "-chdir="
_NEEDS_NO_INIT = frozenset({"init", "version", "-version", "--version", "-help", "--help"})
_SCRATCH = ".netra/terraform"
COMMIT_VARIABLE = "TF_VAR_applied_commit"  # terraform ignores it where no such variable is declared

EPILOG = """Examples:
  netra terraform validate
  netra terraform plan -var-file=staging.tfvars.example -out=stack.tfplan
  netra terraform apply stack.tfplan
  netra terraform test
  netra terraform plan -refresh=true              with a line for each refreshed resource
  netra terraform -chdir=~/infra/prod validate    anyone's directory

Without -chdir it works on the current directory if that holds *.tf files, else on the staging
stack. Nothing reaches Google. State, lock file, fetched modules and plans stay in .netra/terraform;
of the sub-commands only fmt writes into the directory itself, as terraform does. `providers lock`,
`providers mirror`, `login`, `logout` and `init -from-module` are refused. Exit statuses are
terraform's; 3 when there is no terraform."""

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
    raise typer.Exit(run(directory or _default_directory(), given))


def run(real: Path, arguments: Sequence[str], scratch_root: Path | None = None) -> int:
    """Run terraform for a directory and return its exit status.

    Args:
        real: a Terraform root module; only `fmt` writes into it.
        arguments: of terraform; ``-chdir`` is left out.
        scratch_root: where workspaces are kept.

    Raises:
        SomethingAbsent: no terraform on PATH, or no Terraform in the directory.
        NotForTheStandIn: a sub-command that would write what the real terraform should.
    """
    invocation = read_arguments(arguments)
    find_terraform()
    if invocation.subcommand in IN_PLACE:
        directory = root_module(real)
        sys.stderr.write(f"netra: {invocation.subcommand} works on {directory} itself\n")
        return Terraform(directory, {}).run(*invocation.arguments)
    workspace = open_workspace(real, scratch_root)
    environment = {**workspace.environment, **_applied(real), **_variables(invocation)}
    sys.stderr.write("netra: terraform with a stand-in for hashicorp/google; nothing is sent\n")
    for line in _impossible(workspace.directory):
        sys.stderr.write(f"netra: {line}\n")
    is_ready = (workspace.directory / ".terraform" / "providers").exists()
    if not is_ready and invocation.subcommand not in _NEEDS_NO_INIT:
        Terraform(workspace.directory, environment).read("init", "-input=false")
    with tempfile.TemporaryDirectory(prefix="netra-terraform-") as passing:
        if invocation.subcommand == "test":
            # Tests bring a state of their own: they must not meet what an apply has left.
            environment[CLOUD_FILE_VARIABLE] = str(Path(passing) / "cloud.json")
        terraform = Terraform(workspace.directory, environment)
        return terraform.run(*invocation.quiet(is_current=workspace.cloud_file.exists()))


def _variables(invocation: Invocation) -> dict[str, str]:
    """Return the variable from which the stand-in learns the values of the root module."""
    given = {"files": invocation.values_of("var-file"), "settings": invocation.values_of("var")}
    return {VARIABLES_VARIABLE: json.dumps(given)}


def _impossible(directory: Path) -> list[str]:
    """Return a line for each provider or resource type that the stand-in cannot replace."""
    found = survey(directory)
    known = {name for provider in ("google", "google-beta") for name in resource_types(provider)}
    return [
        *(
            f"there is no stand-in for the provider {place}; terraform init will not find it"
            for place in found.foreign.values()
        ),
        *(
            f"the stand-in has no schema of {place}, terraform will call it unsupported"
            for name, place in found.resources.items()
            if name.startswith("google_") and name not in known
        ),
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
    if not any(terraform_files(directory)):
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
    return here if any(terraform_files(here)) else STACK
