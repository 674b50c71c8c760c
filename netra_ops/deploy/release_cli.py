"""``netra release status | history | diff``."""

from typing import Annotated

import typer

from netra_ops.deploy import options
from netra_ops.deploy.command import status
from netra_ops.deploy.history import diff, history
from netra_ops.deploy.target import Target, find_target
from netra_ops.environments.loader import EnvironmentName
from netra_ops.stack.options import AsJson
from netra_ops.terminal import keep_lines

EPILOG = """Examples:
  netra release status                    what serves now, per service
  netra release history --json            every release on record
  netra release diff r20260101-120000     what it changed against the release before it"""

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Show what serves, what served, and what a release changed.",
    epilog=keep_lines(EPILOG),
)


@app.command("status")
def status_command(
    *,
    environment: options.Environment = None,
    project: options.Project = "",
    region: options.Region = "",
    endpoint: options.Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Show per service: latest, serving revisions, percent, digest, age, verified or not."""
    target = _target(environment, project, region, endpoint)
    raise typer.Exit(status(target, as_json=as_json))


@app.command("history")
def history_command(
    *,
    environment: options.Environment = None,
    project: options.Project = "",
    region: options.Region = "",
    endpoint: options.Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """List the releases on record, newest first."""
    target = _target(environment, project, region, endpoint)
    raise typer.Exit(history(target, as_json=as_json))


@app.command("diff")
def diff_command(
    release: Annotated[str, typer.Argument(help="Id of a release; see: netra release history.")],
    other: Annotated[
        str, typer.Argument(help="Compare with this one; default: the one before.")
    ] = "",
    *,
    environment: options.Environment = None,
    project: options.Project = "",
    region: options.Region = "",
    endpoint: options.Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Show the images and settings that a release changed."""
    target = _target(environment, project, region, endpoint)
    raise typer.Exit(diff(target, release, other, as_json=as_json))


def _target(
    environment: EnvironmentName | None, project: str, region: str, endpoint: str
) -> Target:
    name = environment or ("" if project else EnvironmentName.STAGING)
    return find_target(environment=name, project=project, region=region, endpoint=endpoint)
