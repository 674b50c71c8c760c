"""``netra rollback``."""

from typing import Annotated

import typer

from netra_ops.deploy import options
from netra_ops.deploy.command import builder_of, roles_of, rollback
from netra_ops.deploy.pipeline.context import Choices
from netra_ops.deploy.target import find_target
from netra_ops.environments.loader import EnvironmentName
from netra_ops.stack.options import AsJson
from netra_ops.terminal import keep_lines

EPILOG = """Examples:
  netra rollback                         to the last verified release
  netra rollback --dry-run               show where that is
  netra rollback --revision netra-backend-staging-r20260101-120000
  netra rollback --break-lock "deploy hangs"

It moves the traffic, lets the open sockets of the bad release leave, confirms both from the
public address, and lets traffic follow the latest revision again.
Exit status: 0 rolled back, 1 refused or failed, 3 something needed is absent."""

app = typer.Typer(name="rollback")


@app.command(epilog=keep_lines(EPILOG))
def rollback_command(
    *,
    environment: options.Environment = None,
    project: options.Project = "",
    region: options.Region = "",
    service: options.Service = None,
    revision: Annotated[
        str, typer.Option("--revision", help="Go to the release of this revision.")
    ] = "",
    force: Annotated[
        str, typer.Option("--force", metavar="REASON", help="Although it is not verified.")
    ] = "",
    drain: Annotated[
        str, typer.Option("--drain", help="How open sockets leave: pace, finish or now.")
    ] = "now",
    dry_run: options.DryRun = False,
    reason: options.Reason = "",
    break_lock: options.BreakLock = "",
    url: options.Url = "",
    endpoint: options.Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Put traffic and sockets back on a verified release."""
    name = environment or ("" if project else EnvironmentName.STAGING)
    target = find_target(
        environment=name, project=project, region=region, endpoint=endpoint, url=url
    )
    choices = Choices(
        drain=options.parse_drain(drain), break_lock=break_lock, reason=reason or force
    )
    raise typer.Exit(
        rollback(
            target,
            builder_of(target, local_docker=True),
            choices,
            roles_of(service or []),
            revision=revision,
            force=force,
            dry_run=dry_run,
            as_json=as_json,
        )
    )
