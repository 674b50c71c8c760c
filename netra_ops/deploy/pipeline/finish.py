"""Bake and record: a release counts as verified only after it has served everything for a while."""

import asyncio
import time
from typing import Any

from netra_ops.deploy.errors import DeployFailed
from netra_ops.deploy.ledger.ledger import record as with_release
from netra_ops.deploy.ledger.release import Outcome, Release, ServiceRelease
from netra_ops.deploy.ledger.rollout import Action, Rollout, completed
from netra_ops.deploy.pipeline.check import check_failure, revisions_of
from netra_ops.deploy.pipeline.context import Context, now
from netra_ops.deploy.pipeline.people import account
from netra_ops.deploy.pipeline.planner import schema_heads
from netra_ops.deploy.pipeline.shift import settle_traffic
from netra_ops.deploy.progress import Step
from netra_ops.deploy.verdict.evidence import Evidence
from netra_ops.deploy.verdict.judge import FATAL_CLASSES
from netra_ops.deploy.verify.probes import check_readiness
from netra_ops.deploy.verify.subject import Subject
from netra_ops.deploy.watch.synthetic import attempts
from netra_ops.stack.paths import project_root

BAKE_INTERVAL_SECONDS = 2.0
BAKE_ATTEMPTS = 5
# Of all attempts of the bake; there is no former release to compare with any more.
MOST_FAILED = 0.1
FEWEST_ATTEMPTS = 20


def bake(context: Context, rollout: Rollout, step: Step) -> dict[str, Any]:
    """Watch the release at 100 % through the public address.

    Raises:
        DeployFailed: it answers with a class of error that is never acceptable, or fails too often.
        CheckFailed: it is not ready.
    """
    seconds = context.choices.bake_seconds
    failures = asyncio.run(_bake(context, rollout, step, seconds))
    return {"error_classes": tuple(sorted(failures))}


def record(context: Context, rollout: Rollout, step: Step) -> dict[str, Any]:
    """Un-pin the traffic and put the release on record as verified."""
    settle_traffic(context, rollout)
    evidence = Evidence.from_json(rollout.evidence) if rollout.evidence else Evidence()
    classes = {*evidence.canary.failures, *rollout.error_classes}
    entry = Release(
        id=rollout.release,
        services=(*rollout.unchanged, *released_services(rollout)),
        outcome=Outcome.VERIFIED,
        by=rollout.by,
        at=now(),
        reason=rollout.reason,
        error_classes=tuple(sorted(classes)),
        schemas=schema_heads(project_root()),
    )
    # One write: a release on record is never one whose rollout could still be aborted.
    over = completed(rollout, Action.RECORD)
    context.write(lambda ledger: with_release(ledger, entry).model_copy(update={"rollout": over}))
    step.note(f"release {rollout.release} is verified; traffic follows the latest revision")
    return {}


def released_services(rollout: Rollout) -> tuple[ServiceRelease, ...]:
    """Return the rollout's services as they are recorded."""
    return tuple(
        ServiceRelease(role=one.role, service=one.service, revision=one.revision, image=one.image)
        for one in rollout.services
    )


async def _bake(context: Context, rollout: Rollout, step: Step, seconds: float) -> set[str]:
    token, _ = await account(context.target)
    url = context.target.public_url
    subject = Subject(url, "", token, revisions_of(rollout))
    made, failed, classes = 0, 0, set[str]()
    end = time.monotonic() + seconds
    while True:
        ready = await check_readiness(subject)
        if ready.failed:
            raise check_failure(ready)
        seen = await attempts(url, token, BAKE_ATTEMPTS)
        made += len(seen)
        failed += sum(1 for one in seen if one.failure)
        classes |= {one.failure for one in seen if one.failure}
        if fatal := classes & FATAL_CLASSES:
            raise DeployFailed(f"the bake saw {min(fatal)}, which is never acceptable")
        if made >= FEWEST_ATTEMPTS and failed > made * MOST_FAILED:
            raise DeployFailed(f"the bake failed: {failed} of {made} attempts failed")
        left = end - time.monotonic()
        step.note(f"{failed} of {made} attempts failed, {max(0.0, left):.0f} s left")
        if left <= 0:
            return classes
        context.write(lambda ledger: ledger)  # a sign of life of the lock
        await asyncio.sleep(min(BAKE_INTERVAL_SECONDS, left))
