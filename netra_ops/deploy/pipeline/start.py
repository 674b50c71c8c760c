"""The start of a deploy: the lock, the rollout, and --resume of one that was interrupted."""

from netra_ops.deploy.cloud.templates import image_of
from netra_ops.deploy.errors import DeployRefused
from netra_ops.deploy.ledger.ledger import Ledger, record
from netra_ops.deploy.ledger.release import Outcome, Release, ServiceRelease, last_verified
from netra_ops.deploy.ledger.rollout import Candidate, Phase, Rollout, resumed
from netra_ops.deploy.pipeline.context import Context, now
from netra_ops.deploy.pipeline.planner import serving_revision
from netra_ops.deploy.plan.plan import Plan
from netra_ops.deploy.target import ROLES


def start(context: Context, plan: Plan) -> Rollout:
    """Take the lock and journal a new rollout in one write.

    Raises:
        DeployLocked: another deploy holds the lock.
        DeployRefused: an interrupted rollout is neither resumed nor aborted yet.
    """
    rollout = Rollout(
        release=plan.release,
        by=context.who,
        started=now(),
        steps=plan.steps,
        services=tuple(
            Candidate(
                role=one.role,
                service=one.service,
                fallback=one.fallback,
                secrets={pin.variable: pin.number for pin in one.pins},
            )
            for one in plan.services
        ),
        reason=context.choices.reason,
    )

    def change(ledger: Ledger) -> Ledger:
        if ledger.rollout is not None and not ledger.rollout.is_over:
            raise DeployRefused(
                f"release {ledger.rollout.release} was interrupted at {ledger.rollout.phase}",
                remedy="continue it with --resume, or end it with: netra rollback",
            )
        adopted = _adopted(context, plan) if not ledger.releases else None
        with_former = record(ledger, adopted) if adopted else ledger
        unchanged = _unchanged(context, plan, last_verified(with_former.releases))
        started = rollout.model_copy(update={"unchanged": unchanged})
        return with_former.model_copy(update={"rollout": started})

    written = context.acquire(change)
    if written.rollout is None:
        raise AssertionError("the rollout was just written")
    return written.rollout


def resume(context: Context) -> Rollout:
    """Take the lock and return the rollout as it continues.

    Raises:
        DeployLocked: another deploy holds the lock.
        DeployRefused: there is nothing to resume.
    """

    def change(ledger: Ledger) -> Ledger:
        if ledger.rollout is None or ledger.rollout.phase is Phase.RECORDED:
            raise DeployRefused(
                "no deploy was interrupted", remedy="start one: netra deploy; or see: netra release"
            )
        return ledger.model_copy(update={"rollout": resumed(ledger.rollout)})

    written = context.acquire(change)
    if written.rollout is None:
        raise AssertionError("the rollout was just written")
    return written.rollout


def _unchanged(context: Context, plan: Plan, former: Release | None) -> tuple[ServiceRelease, ...]:
    """Return what the services that are not deployed serve: on record, else what is live.

    The checks need it: a release of the pages alone is tried with the backend that serves.
    """
    members = {one.role for one in plan.services}
    found: list[ServiceRelease] = []
    for role in (role for role in ROLES if role not in members):
        recorded = former.service(role) if former else None
        live = recorded or _live(context, role)
        found += [live] if live else []
    return tuple(found)


def _live(context: Context, role: str) -> ServiceRelease | None:
    cloud, service = context.target.cloud, context.target.service(role)
    state = cloud.read(service)
    name = serving_revision(state) if state else ""
    if not name:
        return None
    image = image_of(cloud.revision(service, name) or {}, role)
    return ServiceRelease(role=role, service=service, revision=name, image=image)


def _adopted(context: Context, plan: Plan) -> Release | None:
    """Return what serves before the first deploy as a release that no one has verified."""
    services = tuple(
        ServiceRelease(
            role=one.role, service=one.service, revision=one.fallback, image=one.image_now
        )
        for one in plan.services
        if one.fallback
    )
    if not services:
        return None
    return Release(
        id=f"{plan.release}-before",
        services=services,
        outcome=Outcome.ADOPTED,
        by=context.who,
        at=now(),
        note="served before this tool was used",
    )
