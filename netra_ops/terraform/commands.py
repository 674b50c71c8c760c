"""``netra terraform ARGS…``: the real terraform, offline, against the provider stand-in."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from netra_cloud.terraform.stand_in.workspace import Workspace, prepare
from netra_ops.errors import SomethingAbsent
from netra_ops.stack_directory import STACK
from netra_ops.terminal import keep_lines

_CHDIR = "-chdir="
_NEEDS_NO_INIT = frozenset({"fmt", "init", "version", "-version", "--version", "-help", "--help"})
_SCRATCH = ".netra/terraform"

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
    program = find_terraform()
    workspace = open_workspace(real, scratch_root)
    environment = {**os.environ, **workspace.environment}
    sys.stderr.write("netra: terraform with a stand-in for hashicorp/google; nothing is sent\n")
    subcommand = next((a for a in arguments if not a.startswith("-")), "version")
    is_ready = (workspace.directory / ".terraform").exists()
    if not is_ready and subcommand not in _NEEDS_NO_INIT:
        done = subprocess.run(
            [program, "init", "-input=false", "-no-color"],
            cwd=workspace.directory,
            env=environment,
            check=False,
            stdout=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            return done.returncode
    completed = subprocess.run(
        [program, *arguments], cwd=workspace.directory, env=environment, check=False
    )
    return completed.returncode


def find_terraform() -> str:
    """Return the terraform program.

    Raises:
        SomethingAbsent: there is none on PATH.
    """
    program = shutil.which("terraform")
    if program is None:
        raise SomethingAbsent(
            "there is no terraform on PATH",
            remedy="install terraform 1.11 or later; `netra edge lint` checks without it",
        )
    return program


def open_workspace(real: Path, scratch_root: Path | None = None) -> Workspace:
    """Return the workspace of a directory; its state lasts from one command to the next.

    Raises:
        SomethingAbsent: no Terraform there.
    """
    directory = real.resolve()
    if not any(directory.glob("*.tf")):
        raise SomethingAbsent(
            f"{real} holds no *.tf file", remedy="give the directory of a Terraform root module"
        )
    root = scratch_root or Path(__file__).parents[2] / _SCRATCH
    digest = hashlib.sha256(bytes(directory)).hexdigest()[:12]
    return prepare(directory, root / f"{directory.name}-{digest}")


def _default_directory() -> Path:
    here = Path.cwd()
    return here if any(here.glob("*.tf")) else STACK
