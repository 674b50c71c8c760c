"""``netra users``: runs the identity service's own commands on the local stack."""

import subprocess
import sys
from enum import StrEnum
from typing import Annotated

import typer

from netra_ops.stack.attach import running_environment
from netra_ops.stack.options import AsJson, DataDir
from netra_ops.stack.paths import project_root, stack_paths
from netra_ops.terminal import keep_lines

COMMAND_SECONDS = 180.0  # 2 s on a quiet machine; a busy one has been seen at 60 s

EXAMPLES = """Examples:
  netra users list
  netra users grant ada@example.com operator
  netra users revoke ada@example.com operator"""

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="List accounts of the local stack, grant and revoke roles.",
    epilog=keep_lines(EXAMPLES),
)


class Role(StrEnum):
    """Roles that an access token can carry."""

    USER = "user"
    OPERATOR = "operator"


Email = Annotated[str, typer.Argument(help="The account's address.")]
RoleArgument = Annotated[Role, typer.Argument(help="The role.")]


@app.command("list")
def list_accounts(*, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the accounts; with --json, one object a line."""
    _run("auth_service.app.users", ["--json"] if as_json else [], data_dir)


@app.command()
def grant(email: Email, role: RoleArgument, *, data_dir: DataDir = None) -> None:
    """Give a role; it is in the account's next access token."""
    _run("auth_service.app.grant", [email, role], data_dir)


@app.command()
def revoke(email: Email, role: RoleArgument, *, data_dir: DataDir = None) -> None:
    """Revoke a role and end the account's sessions."""
    _run("auth_service.app.grant", [email, role, "--revoke"], data_dir)


def _run(module: str, arguments: list[str], data_dir: DataDir) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=project_root(),
        env=running_environment(stack_paths(data_dir)),
        check=False,
        timeout=COMMAND_SECONDS,
    )
    raise typer.Exit(finished.returncode)
