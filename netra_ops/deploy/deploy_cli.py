"""``netra deploy``."""

from typing import Annotated

import typer

from netra_ops.deploy import options
from netra_ops.deploy.build.prebuilt import parse_images
from netra_ops.deploy.command import builder_of, deploy, resume_deploy, roles_of
from netra_ops.deploy.pipeline.context import BAKE_SECONDS, WATCH_SECONDS, Choices
from netra_ops.deploy.target import find_target
from netra_ops.deploy.verdict.judge import MINIMUM_EVENTS, Policy
from netra_ops.environments.loader import EnvironmentName
from netra_ops.frontend.sources import source_digest
from netra_ops.stack.options import AsJson
from netra_ops.stack.paths import project_root
from netra_ops.terminal import keep_lines

EPILOG = """Examples:
  netra deploy --dry-run                        show exactly what would change
  netra deploy -s backend -m "fix reconnects"   one service, with a reason
  netra deploy --steps 5,25,100 --bake 600      slower, on a busy day
  netra deploy --resume                         continue an interrupted deploy

When a step fails, traffic is back on the last verified release before the command ends.
Exit status: 0 deployed or nothing to do, 1 refused or failed, 3 something needed is absent,
130 interrupted. docs/deploying.md explains each step."""

app = typer.Typer(name="deploy")


@app.command(epilog=keep_lines(EPILOG))
def deploy_command(
    *,
    environment: options.Environment = None,
    project: options.Project = "",
    region: options.Region = "",
    service: options.Service = None,
    build_local: Annotated[
        bool, typer.Option("--build-local", help="Build with Docker here, not with Cloud Build.")
    ] = False,
    image: Annotated[
        list[str] | None,
        typer.Option("--image", metavar="ROLE=IMAGE", help="Deploy a digest; build nothing."),
    ] = None,
    force_rebuild: Annotated[
        bool, typer.Option("--force-rebuild", help="Build and deploy although nothing changed.")
    ] = False,
    dry_run: options.DryRun = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the deploy that was interrupted.")
    ] = False,
    steps: Annotated[str, typer.Option("--steps", help="Percentages of the shift.")] = "10,50,100",
    watch: Annotated[
        float, typer.Option("--watch", help="Seconds for a verdict at each step.")
    ] = WATCH_SECONDS,
    events: Annotated[
        int, typer.Option("--events", min=10, help="Attempts on each release before a verdict.")
    ] = MINIMUM_EVENTS,
    bake: Annotated[
        float, typer.Option("--bake", help="Seconds at 100 % before it counts as verified.")
    ] = BAKE_SECONDS,
    drain: Annotated[
        str, typer.Option("--drain", help="How open sockets leave: pace, finish or now.")
    ] = "pace",
    reason: options.Reason = "",
    break_lock: options.BreakLock = "",
    allow_migration: Annotated[
        str, typer.Option("--allow-migration", metavar="REASON", help="Despite the plan's refusal.")
    ] = "",
    allow_skew: Annotated[
        str, typer.Option("--allow-skew", metavar="REASON", help="Page and backend may differ.")
    ] = "",
    url: options.Url = "",
    endpoint: options.Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Deploy: plan, lock, build, stage at 0 %, verify, shift, confirm, drain, bake, record."""
    name = environment or ("" if project else EnvironmentName.STAGING)
    target = find_target(
        environment=name, project=project, region=region, endpoint=endpoint, url=url
    )
    roles = roles_of(service or [])
    pages = source_digest(project_root() / "frontend") if "frontend" in roles else ""
    choices = Choices(
        steps=options.parse_steps(steps),
        policy=Policy(minimum_events=events),
        watch_seconds=watch,
        bake_seconds=bake,
        drain=options.parse_drain(drain),
        force_rebuild=force_rebuild,
        allow_skew=allow_skew,
        allow_migration=allow_migration,
        break_lock=break_lock,
        reason=reason,
        frontend_digest=pages,
    )
    builder = builder_of(target, local_docker=build_local, images=parse_images(image or []))
    if resume:
        raise typer.Exit(resume_deploy(target, builder, choices, as_json=as_json))
    raise typer.Exit(deploy(target, builder, choices, roles, dry_run=dry_run, as_json=as_json))
