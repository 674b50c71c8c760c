"""``scripts/deploy_to_gcp.py``: the pipeline under the flags of the guide."""

import argparse
from collections.abc import Sequence

from netra_ops.deploy.build.prebuilt import parse_images
from netra_ops.deploy.command import (
    builder_of,
    deploy,
    resume_deploy,
    roles_of,
    rollback,
    status,
)
from netra_ops.deploy.options import DRAINS, parse_steps
from netra_ops.deploy.pipeline.context import BAKE_SECONDS, WATCH_SECONDS, Choices
from netra_ops.deploy.target import find_target
from netra_ops.deploy.verdict.judge import MINIMUM_EVENTS, Policy
from netra_ops.environments.loader import EnvironmentName
from netra_ops.exit_status import exit_status_of
from netra_ops.frontend.sources import source_digest
from netra_ops.stack.paths import project_root

EPILOG = """examples:
  deploy_to_gcp.py --project netra-staging --build-local --service backend
  deploy_to_gcp.py --project netra-staging --service backend --dry-run
  deploy_to_gcp.py --project netra-staging --status --json
  deploy_to_gcp.py --project netra-staging --rollback
  deploy_to_gcp.py --project netra-staging --rollback --revision R --force "r2 never verified"

The same as netra deploy, netra release status and netra rollback.
Exit status: 0 done, 1 refused or failed, 2 usage, 3 something absent, 130 interrupted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and return the exit status."""
    parsed = _parser().parse_args(arguments)
    return exit_status_of(lambda: _run(parsed))


def _run(given: argparse.Namespace) -> int:
    name = given.environment or ("" if given.project else EnvironmentName.STAGING)
    target = find_target(
        environment=name,
        project=given.project,
        region=given.region,
        endpoint=given.endpoint,
        url=given.url,
    )
    if given.status:
        return status(target, as_json=given.json)
    roles = roles_of(given.service)
    builder = builder_of(target, local_docker=given.build_local, images=parse_images(given.image))
    choices = Choices(
        steps=parse_steps(given.steps),
        policy=Policy(minimum_events=given.events),
        watch_seconds=given.watch,
        bake_seconds=given.bake,
        drain=given.drain or ("now" if given.rollback else "pace"),
        force_rebuild=given.force_rebuild,
        allow_skew=given.allow_skew,
        allow_migration=given.allow_migration,
        break_lock=given.break_lock,
        reason=given.reason or given.force,
        frontend_digest=source_digest(project_root() / "frontend") if "frontend" in roles else "",
    )
    if given.rollback:
        return rollback(
            target,
            builder,
            choices,
            roles,
            revision=given.revision,
            force=given.force,
            dry_run=given.dry_run,
            as_json=given.json,
        )
    if given.resume:
        return resume_deploy(target, builder, choices, as_json=given.json)
    return deploy(target, builder, choices, roles, dry_run=given.dry_run, as_json=given.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="deploy_to_gcp.py",
        description="Deploy Netra to Cloud Run, show what serves, roll back.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    where = parser.add_argument_group("where")
    where.add_argument("--project", default="", help="Google Cloud project")
    where.add_argument("--environment", choices=[*EnvironmentName], help="by name instead")
    where.add_argument("--region", default="", help="default: the environment's")
    where.add_argument("--url", default="", help="public address; default: the environment's")
    where.add_argument("--endpoint", default="", help="another Cloud Run API than Google's")
    what = parser.add_argument_group("what")
    doing = what.add_mutually_exclusive_group()
    doing.add_argument("--status", action="store_true", help="show what serves")
    doing.add_argument("--rollback", action="store_true", help="go back to a verified release")
    doing.add_argument("--resume", action="store_true", help="continue an interrupted deploy")
    what.add_argument("--service", action="append", default=[], help="backend, auth or frontend")
    what.add_argument("--revision", default="", help="with --rollback: its release")
    what.add_argument("--force", default="", metavar="REASON", help="although it is not verified")
    how = parser.add_argument_group("how")
    how.add_argument("--build-local", action="store_true", help="build with Docker here")
    how.add_argument(
        "--image", action="append", default=[], metavar="ROLE=IMAGE", help="build nothing"
    )
    how.add_argument("--force-rebuild", action="store_true", help="build although nothing changed")
    how.add_argument(
        "--invalidate-cache", dest="force_rebuild", action="store_true", help="the same, for pages"
    )
    how.add_argument("--dry-run", action="store_true", help="show what would change")
    how.add_argument("--steps", default="10,50,100", help="percentages of the shift")
    how.add_argument("--watch", type=float, default=WATCH_SECONDS, help="seconds for a verdict")
    how.add_argument(
        "--events", type=int, default=MINIMUM_EVENTS, help="attempts on each release, for a verdict"
    )
    how.add_argument("--bake", type=float, default=BAKE_SECONDS, help="seconds at 100 %%")
    how.add_argument("--drain", choices=DRAINS, help="how open sockets leave")
    how.add_argument("--reason", default="", help="why")
    for name, words in (
        ("--break-lock", "break another deploy's lock"),
        ("--allow-migration", "despite the plan's refusal"),
        ("--allow-skew", "page and backend may differ"),
    ):
        how.add_argument(name, default="", metavar="REASON", help=words)
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    return parser
