"""What serves now, per service: revisions with percent, digest, age and verified mark."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from netra_ops.deploy.cloud.convert import ServiceState
from netra_ops.deploy.cloud.services import is_ready, revision_name
from netra_ops.deploy.cloud.templates import image_of
from netra_ops.deploy.ledger.ledger import Ledger
from netra_ops.deploy.ledger.release import Outcome, release_of_revision
from netra_ops.deploy.target import ROLES, Target
from netra_ops.deploy.traffic import is_pinned, resolved

DIGEST_CHARACTERS = 12


@dataclass(frozen=True)
class RevisionStatus:
    """One revision that serves or has a tag."""

    revision: str
    percent: int
    tags: tuple[str, ...]
    digest: str
    created: str
    age_seconds: float
    ready: bool
    verified: bool
    release: str


@dataclass(frozen=True)
class ServiceStatus:
    """One service."""

    role: str
    service: str
    latest_created: str
    latest_ready: str
    pinned: bool
    revisions: tuple[RevisionStatus, ...]


@dataclass(frozen=True)
class Status:
    """An environment: its services, and the deploy in progress if there is one."""

    project: str
    region: str
    services: tuple[ServiceStatus, ...]
    lock: str
    rollout: str
    missing: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it for ``--json``."""
        return asdict(self)


def read_status(target: Target) -> Status:
    """Ask the API and the ledger."""
    now = datetime.now(UTC)
    ledger = target.ledger.read()
    services, missing = [], []
    for role in ROLES:
        name = target.service(role)
        state = target.cloud.read(name)
        if state is None:
            missing.append(name)
            continue
        services.append(
            service_status(role, name, state, target.cloud.revisions(name), ledger=ledger, now=now)
        )
    rollout = ledger.rollout
    return Status(
        target.cloud.project,
        target.cloud.region,
        tuple(services),
        ledger.lock.describe(now) if ledger.lock else "",
        f"release {rollout.release}: {rollout.phase} at {rollout.percent} %"
        if rollout and not rollout.is_over
        else "",
        tuple(missing),
    )


def service_status(
    role: str,
    service: str,
    state: ServiceState,
    revisions: Sequence[Mapping[str, Any]],
    *,
    ledger: Ledger,
    now: datetime,
) -> ServiceStatus:
    """Return one service's status from what was read."""
    shares = resolved(state.split, state.latest_ready)
    tags: dict[str, list[str]] = {}
    for target in state.split:
        if target.tag:
            tags.setdefault(target.revision or state.latest_ready, []).append(target.tag)
    shown = [r for r in revisions if revision_name(r) in shares or revision_name(r) in tags]
    return ServiceStatus(
        role,
        service,
        state.latest_created,
        state.latest_ready,
        is_pinned(state.split),
        tuple(
            _revision(
                one, role, shares, tuple(tags.get(revision_name(one), ())), ledger=ledger, now=now
            )
            for one in sorted(shown, key=lambda r: -shares.get(revision_name(r), 0))
        ),
    )


def status_lines(status: Status) -> Iterator[str]:
    """Yield the status as lines of text."""
    yield f"{status.project} ({status.region})"
    if status.lock:
        yield f"locked by {status.lock}"
    if status.rollout:
        yield f"in progress: {status.rollout}"
    for service in status.services:
        pinned = ", pinned: other tools deploy 0 %" if service.pinned else ""
        yield ""
        yield f"{service.service}: latest {service.latest_created or 'none'}{pinned}"
        if service.latest_created != service.latest_ready:
            yield f"  latest ready {service.latest_ready or 'none'}"
        for one in service.revisions:
            mark = "verified" if one.verified else "not verified"
            ready = "" if one.ready else ", not ready"
            tags = f" [{', '.join(one.tags)}]" if one.tags else ""
            yield (
                f"  {one.percent:>3} %  {one.revision}{tags}  {one.digest or 'no digest'}  "
                f"{age(one.age_seconds)}  {mark}{ready}"
            )
    for name in status.missing:
        yield ""
        yield f"{name}: does not exist; create it with Terraform"


def age(seconds: float) -> str:
    """Return a duration in its two largest units."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def digest_of(image: str) -> str:
    """Return the start of an image's digest; empty when it is named without one."""
    _, separator, digest = image.partition("@sha256:")
    return digest[:DIGEST_CHARACTERS] if separator else ""


def _revision(
    revision: Mapping[str, Any],
    role: str,
    shares: Mapping[str, int],
    tags: tuple[str, ...],
    *,
    ledger: Ledger,
    now: datetime,
) -> RevisionStatus:
    name = revision_name(revision)
    created = str(revision.get("createTime", ""))
    release = release_of_revision(ledger.releases, name)
    return RevisionStatus(
        name,
        shares.get(name, 0),
        tags,
        digest_of(image_of(revision, role)),
        created,
        (now - datetime.fromisoformat(created)).total_seconds() if created else 0.0,
        is_ready(revision),
        release is not None and release.outcome is Outcome.VERIFIED,
        release.id if release else "",
    )
