"""Roll back: traffic to a release on record, its sockets too, confirmed from the public address."""

import asyncio

from netra_ops.deploy.cloud.services import is_ready
from netra_ops.deploy.errors import DeployRefused
from netra_ops.deploy.ledger.ledger import Ledger, renamed
from netra_ops.deploy.ledger.release import (
    Outcome,
    Release,
    last_verified,
    marked,
    release_of_revision,
)
from netra_ops.deploy.ledger.rollout import aborted
from netra_ops.deploy.pipeline.abort import Return, move_back, unpin
from netra_ops.deploy.pipeline.check import check_failure, confirmed
from netra_ops.deploy.pipeline.context import Context
from netra_ops.deploy.pipeline.drain import leave
from netra_ops.deploy.pipeline.planner import serving_revision
from netra_ops.deploy.plan.settings import RELEASE_VARIABLE, container_of
from netra_ops.deploy.progress import Step
from netra_ops.deploy.target import ROLES, Target


def choose(
    target: Target, ledger: Ledger, *, revision: str = "", force: str = ""
) -> tuple[Release, str]:
    """Return the release to go back to, and the id of the one that serves now (or an empty text).

    Args:
        target: where.
        ledger: the record.
        revision: one of the release's revisions; the last verified release when empty.
        force: the reason for a release that is not verified.

    Raises:
        DeployRefused: there is no such release, or it is not verified and no reason is given.
    """
    serving = _serving_release(target, ledger)
    if not revision:
        found = last_verified(ledger.releases, excluding=serving)
        if found is None:
            raise DeployRefused(
                "no other verified release is on record",
                remedy="name a revision: netra rollback --revision R --force REASON; "
                "see: netra release history",
            )
        return found, serving
    found = release_of_revision(ledger.releases, revision)
    if found is None:
        raise DeployRefused(
            f"no release on record has the revision {revision}",
            remedy="see: netra release history",
        )
    if found.outcome is not Outcome.VERIFIED and not force:
        raise DeployRefused(
            f"{revision} belongs to release {found.id}, which is {found.outcome}, not verified",
            remedy="add --force REASON to go there all the same",
        )
    return found, serving


def roll_back(
    context: Context, goal: Release, serving: str, roles: tuple[str, ...]
) -> list[Return]:
    """Go back to ``goal``; the lock is held.

    New handshakes are on the good revisions after the first step; sockets follow, then the record
    and the un-pinning.

    Raises:
        DeployRefused: a revision of it does not exist any more; nothing was changed.
        CheckFailed: the public address does not serve it.
    """
    cloud = context.target.cloud
    returns = [
        Return(member.role, member.service, member.revision)
        for role in reversed(ROLES)
        if role in roles and (member := goal.service(role)) is not None
    ]
    for one in returns:
        revision = cloud.revision(one.service, one.revision)
        if revision is None or not is_ready(revision):
            raise DeployRefused(
                f"{one.revision} does not exist any more or is not ready",
                remedy="choose another with --revision; see: netra release history",
            )
    step = context.step("traffic", f"to release {goal.id}")
    move_back(cloud, returns, step)
    step.done()
    _record(context, goal, serving)
    step = context.step("confirm")
    result = asyncio.run(confirmed(context, {one.role: one.revision for one in returns}))
    if result.failed:
        step.failed(result.describe())
        raise check_failure(result)
    step.done(f"{context.target.public_url} serves {result.seen}")
    if backend := next((one for one in returns if one.role == "backend"), None):
        step = context.step("drain")
        asyncio.run(leave(context, _release_variable(context.target, backend), step))
        step.done()
    return _unpinned(context, goal, returns)


def _unpinned(context: Context, goal: Release, returns: list[Return]) -> list[Return]:
    step = context.step("un-pin", "the next deploy of any tool must serve")
    names = {one.revision: _unpin_one(context, goal, one, step) for one in returns}
    context.write(lambda ledger: renamed(ledger, names))
    step.done()
    return [Return(one.role, one.service, names[one.revision]) for one in returns]


def _unpin_one(context: Context, goal: Release, one: Return, step: Step) -> str:
    number = len(context.target.cloud.revisions(one.service))
    return unpin(context.target.cloud, one, f"{goal.id}-again-{number}", step)


def _record(context: Context, goal: Release, serving: str) -> None:
    reason = context.choices.reason or f"rolled back to {goal.id}"

    def change(ledger: Ledger) -> Ledger:
        releases = ledger.releases
        if serving and serving != goal.id:
            releases = marked(releases, serving, Outcome.ROLLED_BACK, reason)
        rollout = aborted(ledger.rollout, reason) if ledger.rollout else None
        return ledger.model_copy(update={"releases": releases, "rollout": rollout})

    context.write(change)


def _serving_release(target: Target, ledger: Ledger) -> str:
    state = target.cloud.read(target.service("backend"))
    if state is None:
        return ""
    found = release_of_revision(ledger.releases, serving_revision(state))
    return found.id if found else ""


def _release_variable(target: Target, backend: Return) -> str:
    """Return what instances of the revision have as NETRA_RELEASE; empty for an adopted one.

    Not the id of the release: its backend may be unchanged since an earlier one.
    """
    revision = target.cloud.revision(backend.service, backend.revision) or {}
    variables = container_of(revision, "backend").get("env", ())
    return next((str(v.get("value", "")) for v in variables if v["name"] == RELEASE_VARIABLE), "")
