"""Roll back: traffic to a release on record, its sockets too, confirmed from the public address."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

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
from netra_ops.deploy.pipeline.drain import leave, release_variable
from netra_ops.deploy.pipeline.people import account
from netra_ops.deploy.pipeline.planner import serving_revision
from netra_ops.deploy.progress import Step
from netra_ops.deploy.target import LEDGER_ROLE, ROLES, Target
from netra_ops.errors import OperatorError, SomethingAbsent


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
    if not revision and (half := _half_done(target, ledger)) is not None:
        return half, serving
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


def returns_of(target: Target, goal: Release, roles: Sequence[str]) -> list[Return]:
    """Return where the services of some roles go, in the order in which their traffic moves.

    Raises:
        DeployRefused: a revision does not exist any more.
    """
    returns = [
        Return(member.role, member.service, member.revision)
        for role in reversed(ROLES)
        if role in roles and (member := goal.service(role)) is not None
    ]
    for one in returns:
        revision = target.cloud.revision(one.service, one.revision)
        if revision is None or not is_ready(revision):
            raise DeployRefused(
                f"{one.revision} does not exist any more or is not ready",
                remedy="choose another with --revision; see: netra release history",
            )
    return returns


def roll_back(context: Context, goal: Release, returns: Sequence[Return]) -> list[Return]:
    """Go back to ``goal``; the lock is held and ``recorded`` is written.

    New handshakes are on the good revisions after the first step; sockets follow, then the
    un-pinning. Interrupted at any point, it may run again.

    Raises:
        CheckFailed: the public address does not serve it.
        OperatorError: it serves and is not pinned, and sockets are left on the bad release.
    """
    left: OperatorError | None = None
    # Signing in takes 0.6 s beside 200 streams: sockets would wait for it after the confirmation.
    with ThreadPoolExecutor(max_workers=1) as beside:
        operator = beside.submit(_operator, context)
        step = context.step("traffic", f"to release {goal.id}")
        move_back(context.target.cloud, returns, step)
        step.done()
        step = context.step("confirm")
        result = asyncio.run(confirmed(context, {one.role: one.revision for one in returns}))
        if result.failed:
            step.failed(result.describe())
            raise check_failure(result)
        step.done(f"{context.target.public_url} serves {result.seen}")
        if backend := next((one for one in returns if one.role == LEDGER_ROLE), None):
            step = context.step("drain")
            release = release_variable(context.target, backend.service, backend.revision)
            left = _leave(context, release, step, operator)
        returned = _unpinned(context, goal, returns)
    if left is not None:  # by the exit status; the next deploy of any tool serves
        raise left
    return returned


def _operator(context: Context) -> str:
    """Return an operator's access token; empty without such an account."""
    try:
        _, token = asyncio.run(account(context.target))
    except SomethingAbsent:
        return ""
    return token


def _leave(
    context: Context, release: str, step: Step, operator: Future[str]
) -> OperatorError | None:
    """Let sockets leave; return why some may be left, so that nothing else is left undone."""
    try:
        asyncio.run(leave(context, release, step, operator=operator.result()))
    except OperatorError as error:
        step.failed(error.detail)
        return error
    step.done()
    return None


def _unpinned(context: Context, goal: Release, returns: Sequence[Return]) -> list[Return]:
    step = context.step("un-pin", "the next deploy of any tool must serve")
    names = {one.revision: _unpin_one(context, goal, one, step) for one in returns}
    context.write(lambda ledger: renamed(ledger, names))
    step.done()
    return [Return(one.role, one.service, names[one.revision]) for one in returns]


def _unpin_one(context: Context, goal: Release, one: Return, step: Step) -> str:
    number = len(context.target.cloud.revisions(one.service))
    return unpin(context.target.cloud, one, f"{goal.id}-again-{number}", step)


def recorded(ledger: Ledger, goal: Release, serving: str, reason: str) -> Ledger:
    """Return the ledger with the serving release marked as rolled back.

    Written before the traffic moves: killed in between, the next rollback has the same goal.
    """
    releases = ledger.releases
    if serving and serving != goal.id:
        releases = marked(releases, serving, Outcome.ROLLED_BACK, reason)
    rollout = aborted(ledger.rollout, reason) if ledger.rollout else None
    return ledger.model_copy(update={"releases": releases, "rollout": rollout})


def _half_done(target: Target, ledger: Ledger) -> Release | None:
    """Return the verified release that serves while a newer revision exists, if that is so.

    The traffic was moved back before, by a rollback that was interrupted or by hand, and the
    next deploy of any tool would start from the newer revision's template.
    """
    state = target.cloud.read(target.service(LEDGER_ROLE))
    if state is None or serving_revision(state) == state.latest_created:
        return None
    found = release_of_revision(ledger.releases, serving_revision(state))
    return found if found and found.outcome is Outcome.VERIFIED else None


def _serving_release(target: Target, ledger: Ledger) -> str:
    state = target.cloud.read(target.service(LEDGER_ROLE))
    if state is None:
        return ""
    found = release_of_revision(ledger.releases, serving_revision(state))
    return found.id if found else ""
