"""Values for the tests of the ledger."""

from datetime import UTC, datetime

from netra_ops.deploy.ledger.lock import Lock
from netra_ops.deploy.ledger.release import Outcome, Release, ServiceRelease
from netra_ops.deploy.ledger.rollout import Candidate, Rollout

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def release(name: str, outcome: Outcome = Outcome.VERIFIED) -> Release:
    service = ServiceRelease(
        role="backend", service="netra-backend", revision=f"netra-backend-{name}", image=name
    )
    return Release(id=name, services=(service,), outcome=outcome, by="ana", at=NOW)


def rollout(*steps: int) -> Rollout:
    services = tuple(
        Candidate(role=role, service=f"netra-{role}", fallback=f"netra-{role}-old")
        for role in ("auth", "backend")
    )
    return Rollout(release="r2", by="ana", started=NOW, steps=steps, services=services)


def lock(who: str, at: datetime = NOW) -> Lock:
    return Lock(token=who, who=who, why="fix", since=at, renewed=at)
