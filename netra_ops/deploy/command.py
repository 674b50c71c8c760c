"""What ``netra deploy``, ``netra rollback`` and ``scripts/deploy_to_gcp.py`` have in common."""

import getpass
import json
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence

from netra_ops.deploy.build.builder import Builder
from netra_ops.deploy.build.docker import CloudBuilder, DockerBuilder
from netra_ops.deploy.build.earlier_chunks import EarlierChunks
from netra_ops.deploy.build.local import LocalBuilder
from netra_ops.deploy.build.prebuilt import PrebuiltImages
from netra_ops.deploy.errors import DeployRefused
from netra_ops.deploy.guardian import guarded
from netra_ops.deploy.ledger.rollout import Rollout
from netra_ops.deploy.operations_page import on_operations_page
from netra_ops.deploy.pipeline.abort import abort
from netra_ops.deploy.pipeline.context import Choices, Context
from netra_ops.deploy.pipeline.people import page_origin
from netra_ops.deploy.pipeline.planner import make_plan
from netra_ops.deploy.pipeline.rollback import choose, recorded, returns_of, roll_back
from netra_ops.deploy.pipeline.run import run, termination_as_interrupt
from netra_ops.deploy.pipeline.start import resume, start
from netra_ops.deploy.plan.plan import Plan
from netra_ops.deploy.plan.show import plan_lines
from netra_ops.deploy.progress import print_json_line, print_line
from netra_ops.deploy.status import read_status, status_lines
from netra_ops.deploy.target import ROLES, Target
from netra_ops.stack.paths import project_root
from netra_ops.terminal import print_json


def who() -> str:
    """Return who deploys: the name given by the environment, such as a CI run, or user@host."""
    return os.environ.get("NETRA_DEPLOYER") or f"{getpass.getuser()}@{socket.gethostname()}"


def builder_of(
    target: Target, *, local_docker: bool, images: Mapping[str, str] | None = None
) -> Builder:
    """Return what makes images for the target; given images are not built."""
    if images:
        return PrebuiltImages(images)
    earlier = EarlierChunks(lambda: page_origin(target))
    if target.cloud.connection.endpoint:
        return LocalBuilder(project_root(), target.cloud.connection.endpoint, earlier)
    project, region = target.cloud.project, target.cloud.region
    name = f"netra-{target.environment.name}"
    repository = f"{region}-docker.pkg.dev/{project}/{name}"
    if local_docker:
        return DockerBuilder(project_root(), repository, earlier)
    return CloudBuilder(project_root(), repository, project, earlier)


def roles_of(services: Sequence[str]) -> tuple[str, ...]:
    """Return the roles that ``--service`` names, in the order of a deploy; all without it.

    Raises:
        DeployRefused: one is no role.
    """
    if unknown := sorted(set(services) - set(ROLES)):
        raise DeployRefused(
            f"there is no service {', '.join(unknown)}", remedy=f"known: {', '.join(ROLES)}"
        )
    return tuple(role for role in ROLES if not services or role in services)


def deploy(
    target: Target,
    builder: Builder,
    choices: Choices,
    roles: Sequence[str],
    *,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Plan, and unless ``dry_run`` carry the plan out; return the exit status.

    Raises:
        OperatorError: refused or failed.
    """
    images = {} if choices.force_rebuild else {role: builder.planned(role) for role in roles}
    plan = make_plan(target, choices, roles, images, project_root())
    _show(plan, as_json=as_json, alone=dry_run)
    if dry_run:
        return 1 if plan.refusals else 0
    refusals = [r for r in plan.refusals if r.subject == "" or not _allowed(r.message, choices)]
    if refusals:
        raise DeployRefused(
            "; ".join(f"{one.subject}: {one.message}" for one in refusals),
            remedy="nothing was changed",
        )
    if plan.is_empty and not choices.force_rebuild:
        return 0
    context = _context(target, builder, choices, as_json=as_json)
    _carry_out(context, lambda: start(context, plan))
    return 0


def resume_deploy(target: Target, builder: Builder, choices: Choices, *, as_json: bool) -> int:
    """Continue an interrupted deploy; return the exit status."""
    context = _context(target, builder, choices, as_json=as_json)
    _carry_out(context, lambda: resume(context))
    return 0


def rollback(
    target: Target,
    builder: Builder,
    choices: Choices,
    roles: Sequence[str],
    *,
    revision: str,
    force: str,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Go back to a verified release, or end the deploy that was interrupted.

    Returns:
        The exit status.

    Raises:
        OperatorError: refused or failed; it may be run again.
    """
    context = _context(target, builder, choices, as_json=as_json)
    ledger = target.ledger.read()
    if not revision and ledger.rollout is not None and not ledger.rollout.is_over:
        return _end_interrupted(context, ledger.rollout, dry_run=dry_run, as_json=as_json)
    goal, serving = choose(target, ledger, revision=revision, force=force)
    returns = returns_of(target, goal, roles)
    if dry_run:
        lines = [f"{one.service}: 100 % to {one.revision}" for one in returns]
        _write(lines, {"release": goal.id, "from": serving, "services": lines}, as_json=as_json)
        return 0
    reason = choices.reason or f"rolled back to {goal.id}"
    with termination_as_interrupt(), on_operations_page(context, "netra rollback") as shown:
        shown.acquire(lambda present: recorded(present, goal, serving, reason))
        try:
            returns = roll_back(shown, goal, returns)
        finally:
            shown.release_lock()
    lines = [f"{one.service} serves {one.revision}" for one in returns]
    _write(lines, {"release": goal.id, "from": serving, "services": lines}, as_json=as_json)
    return 0


def _end_interrupted(context: Context, rollout: Rollout, *, dry_run: bool, as_json: bool) -> int:
    """Bring a deploy that no process continues back to where it started."""
    returns = [one for one in rollout.services if one.fallback]
    lines = [f"release {rollout.release} was interrupted at {rollout.phase}; it ends"]
    lines += [f"{one.service}: 100 % to {one.fallback}" for one in returns]
    if not dry_run:
        with termination_as_interrupt(), on_operations_page(context, "netra rollback") as shown:
            shown.acquire(lambda ledger: ledger)
            try:
                abort(shown, rollout, shown.choices.reason or "ended by netra rollback")
            finally:
                shown.release_lock()
    value = {"release": rollout.release, "interrupted": rollout.phase, "services": lines[1:]}
    _write(lines, value, as_json=as_json)
    return 0


def status(target: Target, *, as_json: bool) -> int:
    """Show what serves; return the exit status."""
    found = read_status(target)
    _write(list(status_lines(found)), found.to_json(), as_json=as_json)
    return 0


def _carry_out(context: Context, first: Callable[[], Rollout]) -> None:
    with on_operations_page(context, "netra deploy") as shown, guarded(shown):
        rollout = first()
        try:
            run(shown, rollout)
        finally:
            shown.release_lock()


def _context(target: Target, builder: Builder, choices: Choices, *, as_json: bool) -> Context:
    listen = print_json_line if as_json else print_line
    return Context(target, choices, builder, listen, who())


def _allowed(message: str, choices: Choices) -> bool:
    return bool(choices.allow_migration) and "--allow-migration" in message


def _show(plan: Plan, *, as_json: bool, alone: bool) -> None:
    """Show the plan; as the first of many JSON lines when the deploy follows it."""
    if as_json and not alone:
        sys.stdout.write(json.dumps({"plan": plan.to_json()}, default=str) + "\n")
    else:
        _write(list(plan_lines(plan)), plan.to_json(), as_json=as_json)


def _write(lines: Sequence[str], value: object, *, as_json: bool) -> None:
    if as_json:
        print_json(value)
    else:
        sys.stdout.write("\n".join(lines) + "\n")
