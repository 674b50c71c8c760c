"""Move traffic to the candidate by one step and judge it before the next one."""

import asyncio
from typing import Any

from netra_ops.deploy.errors import DeployFailed
from netra_ops.deploy.ledger.release import last_verified
from netra_ops.deploy.ledger.rollout import Rollout
from netra_ops.deploy.pipeline.context import Context
from netra_ops.deploy.pipeline.people import account
from netra_ops.deploy.progress import Step
from netra_ops.deploy.traffic import CANDIDATE_TAG, STABLE_TAG, WHOLE, shared, whole_to
from netra_ops.deploy.verdict.evidence import Evidence, add, arm_of
from netra_ops.deploy.verdict.judge import Outcome, Verdict, judge, latency_bounds
from netra_ops.deploy.verify.door import Door
from netra_ops.deploy.watch.synthetic import attempts

INTERVAL_SECONDS = 1.0
# Latency bounds come from the former release before any traffic moves; they must not change later.
BOUND_ATTEMPTS = 30
# The first requests of a new revision pay for cold caches; they would be judged as slowness.
WARM_UP_ATTEMPTS = 8
# A page and its chunks are requests of their own: with a split, a new page would ask the former
# revision for chunks that it does not have. The new revision has the chunks of both.
WHOLE_ROLES = frozenset({"frontend"})


class Inconclusive(DeployFailed):
    """The canary had too few events to judge it by the deadline."""

    code = "deploy_inconclusive"
    title = "Canary inconclusive"


def shift(context: Context, rollout: Rollout, step: Step, percent: int) -> dict[str, Any]:
    """Give the candidate ``percent`` of new requests and watch until a verdict.

    Raises:
        DeployFailed: the verdict is fail, or still inconclusive at the deadline.
    """
    bounds = rollout.bounds or asyncio.run(_prepare(context, step))
    for candidate in rollout.services:
        if not candidate.fallback:
            continue  # a new service has nothing to share its traffic with
        if candidate.role in WHOLE_ROLES and percent < WHOLE:
            step.note(f"{candidate.service}: moves whole, with the last step")
            continue
        split = shared(candidate.fallback, candidate.revision, percent)
        context.target.cloud.route(candidate.service, split)
        step.note(f"{candidate.service}: {percent} % to {candidate.revision}")
    start = Evidence.from_json(rollout.evidence) if rollout.evidence else Evidence()
    evidence, verdict = asyncio.run(_watch(context, step, start, bounds))
    if verdict.outcome is Outcome.FAIL:
        raise DeployFailed(
            f"the canary at {percent} % failed: {verdict.reason}",
            remedy="read the candidate's log: netra logs backend",
            verdict=verdict.outcome,
        )
    if verdict.outcome is Outcome.INCONCLUSIVE:
        raise Inconclusive(
            f"the canary at {percent} % has no verdict: {verdict.reason}",
            remedy="give it more time: --watch SECONDS",
            verdict=verdict.outcome,
        )
    return {"evidence": evidence.to_json(), "bounds": bounds}


def settle_traffic(context: Context, rollout: Rollout) -> None:
    """Let the latest revision serve everything, so that the next deploy of any tool serves too.

    The candidate is the latest one, unless someone deployed meanwhile: then it stays named, since
    no one has verified theirs.
    """
    cloud = context.target.cloud
    for candidate in rollout.services:
        state = cloud.require(candidate.service)
        newest = state.latest_created == candidate.revision
        cloud.route(candidate.service, whole_to(None if newest else candidate.revision))


async def _prepare(context: Context, step: Step) -> tuple[float, ...]:
    """Warm the candidate up and measure the former release."""
    token, _ = await account(context.target)
    headers = context.target.door_headers
    async with (
        Door(context.target.routes(CANDIDATE_TAG), headers) as candidate,
        Door(context.target.routes(STABLE_TAG), headers) as stable,
    ):
        await attempts(candidate.url, token, WARM_UP_ATTEMPTS)
        former = await attempts(stable.url, token, BOUND_ATTEMPTS)
    bounds = latency_bounds([one.seconds for one in former if not one.failure])
    shown = ", ".join(f"{bound * 1000:.0f} ms" for bound in bounds)
    step.note(f"warmed up; bounds of the former release: {shown or 'none, it does not answer'}")
    return bounds


async def _watch(
    context: Context, step: Step, evidence: Evidence, bounds: tuple[float, ...]
) -> tuple[Evidence, Verdict]:
    choices = context.choices
    known = _known_classes(context)
    token, _ = await account(context.target)
    headers = context.target.door_headers
    loop = asyncio.get_running_loop()
    give_up = loop.time() + choices.watch_seconds
    wanted = evidence.canary.attempts + choices.policy.minimum_events
    async with (
        Door(context.target.routes(CANDIDATE_TAG), headers) as candidate,
        Door(context.target.routes(STABLE_TAG), headers) as stable,
    ):
        while True:
            ends = loop.time() + INTERVAL_SECONDS
            baseline, canary = await asyncio.gather(
                attempts(stable.url, token, choices.attempts),
                attempts(candidate.url, token, choices.attempts),
            )
            evidence = add(evidence, arm_of(baseline, bounds), arm_of(canary, bounds))
            verdict = judge(evidence, choices.policy, known)
            step.note(
                f"{verdict.outcome}: {verdict.reason}; evidence {verdict.error_e_value:.2g} for "
                f"errors, {verdict.slow_e_value:.2g} for latency; {verdict.refuse_at:.0f} refuses"
            )
            enough = evidence.canary.attempts >= wanted
            if verdict.outcome is Outcome.FAIL or (verdict.outcome is Outcome.PASS and enough):
                return evidence, verdict
            if loop.time() >= give_up:
                return evidence, verdict
            await asyncio.sleep(max(0.0, ends - loop.time()))


def _known_classes(context: Context) -> tuple[str, ...]:
    former = last_verified(context.target.ledger.read().releases)
    return former.error_classes if former else ()
