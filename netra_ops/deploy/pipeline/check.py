"""Verify the staged revision, and later confirm that the public address serves it."""

import asyncio
from typing import Any

from netra_ops.deploy.errors import CheckFailed
from netra_ops.deploy.ledger.rollout import Rollout
from netra_ops.deploy.pipeline.context import Context
from netra_ops.deploy.pipeline.people import account, page_origin
from netra_ops.deploy.progress import Step
from netra_ops.deploy.traffic import CANDIDATE_TAG
from netra_ops.deploy.verify.door import Door
from netra_ops.deploy.verify.result import CheckResult
from netra_ops.deploy.verify.run import confirm as confirm_public
from netra_ops.deploy.verify.run import verify as verify_candidate
from netra_ops.deploy.verify.subject import Subject

# A traffic change reaches every front end within seconds; requests meanwhile "may be directed to
# either" revision: https://docs.cloud.google.com/run/docs/rollouts-rollbacks-traffic-migration
CONFIRM_SECONDS = 60.0
CONFIRM_POLL_SECONDS = 1.0
SKEW = frozenset({"bundle", "open tabs"})  # what --allow-skew is about


def verify(context: Context, rollout: Rollout, step: Step) -> dict[str, Any]:
    """Check the candidate through its door.

    Raises:
        CheckFailed: the first check that failed, with what was expected and seen.
    """
    results = asyncio.run(_verify(context, rollout, step))
    skew = context.choices.allow_skew
    failed = [one for one in results if one.failed and not (skew and one.name in SKEW)]
    if failed:
        raise check_failure(failed[0])
    return {}


def confirm(context: Context, rollout: Rollout, step: Step) -> dict[str, Any]:
    """Ask the public address until it serves the new revision and no other.

    Raises:
        CheckFailed: it still serves something else at the deadline.
    """
    result = asyncio.run(confirmed(context, revisions_of(rollout)))
    if result.failed:
        raise check_failure(result)
    step.note(f"{context.target.public_url} serves {result.seen}")
    return {}


async def confirmed(context: Context, revisions: dict[str, str]) -> CheckResult:
    """Return the answer of the public address once it is right, or the last one at the deadline."""
    subject = Subject(context.target.public_url, "", "", revisions)
    give_up = asyncio.get_running_loop().time() + CONFIRM_SECONDS
    result = await confirm_public(subject)
    while result.failed and asyncio.get_running_loop().time() < give_up:
        await asyncio.sleep(CONFIRM_POLL_SECONDS)
        result = await confirm_public(subject)
    return result


def revisions_of(rollout: Rollout) -> dict[str, str]:
    """Return the revisions that answer once the rollout is complete, by role."""
    unchanged = {one.role: one.revision for one in rollout.unchanged}
    return unchanged | {one.role: one.revision for one in rollout.services}


def check_failure(result: CheckResult) -> CheckFailed:
    """Return the error for a failed check."""
    remedy = f"look closer: {result.command}" if result.command else "netra logs backend"
    return CheckFailed(
        result.describe(),
        remedy=remedy,
        check=result.name,
        expected=result.expected,
        seen=result.seen,
    )


def _frontend_digest(context: Context, rollout: Rollout) -> str:
    """Return the digest of the frontend that the release deploys; empty when it deploys none."""
    deploys_frontend = any(one.role == "frontend" for one in rollout.services)
    return context.choices.frontend_digest if deploys_frontend else ""


async def _verify(context: Context, rollout: Rollout, step: Step) -> list[CheckResult]:
    token, operator = await account(context.target)
    routes = context.target.routes(CANDIDATE_TAG)
    async with Door(routes, context.target.door_headers) as door:
        subject = Subject(
            door.url,
            page_origin(context.target),
            token,
            revisions_of(rollout),
            frontend_digest=_frontend_digest(context, rollout),
            serving_pages=page_origin(context.target),
            operator_token=operator,
        )
        return await verify_candidate(subject, lambda result: step.note(result.describe()))
