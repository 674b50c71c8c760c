"""Makes the plan: reads what is live, what is declared and what is on record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from netra_cloud.terraform.reader import load
from netra_cloud.terraform.run_mapping import run_services
from netra_ops.deploy.cloud.convert import ServiceState
from netra_ops.deploy.cloud.secret_versions import secret_versions
from netra_ops.deploy.cloud.services import CloudRun, is_ready
from netra_ops.deploy.cloud.templates import image_of
from netra_ops.deploy.ledger.ledger import Ledger
from netra_ops.deploy.ledger.release import Release, last_verified
from netra_ops.deploy.pipeline.context import Choices, now
from netra_ops.deploy.plan.findings import Finding, service_findings, traffic_findings
from netra_ops.deploy.plan.migrations import Migration, read_migration
from netra_ops.deploy.plan.plan import Plan, ServicePlan
from netra_ops.deploy.plan.secrets import Pinned, SecretVersion, following_latest, pin_secrets
from netra_ops.deploy.plan.settings import Change, drift
from netra_ops.deploy.target import ROLES, Target
from netra_ops.deploy.traffic import WHOLE, resolved
from netra_ops.stack_directory import STACK

MIGRATIONS = {
    "auth": "auth_service/app/migrations/versions",
    "backend": "netra_backend/app/db/migrations/versions",
}


def make_plan(
    target: Target, choices: Choices, roles: Sequence[str], images: Mapping[str, str], root: Path
) -> Plan:
    """Return what a deploy of ``roles`` would change.

    Args:
        target: where.
        choices: how.
        roles: the services to deploy.
        images: the next image by role; empty when it is not built yet.
        root: the checkout.
    """
    ledger = target.ledger.read()
    former = last_verified(ledger.releases)
    declared = declared_services(target)
    services: list[ServicePlan] = []
    findings: list[Finding] = []
    for role in (role for role in ROLES if role in roles):
        state = target.cloud.read(target.service(role))
        name = target.service(role)
        plan = _service_plan(
            target,
            role,
            state,
            former,
            image=images.get(role, ""),
            declared=declared.get(role, {}),
        )
        if state is None:
            missing = f"{target.cloud.project} has no such service; create it with Terraform"
            findings.append(Finding(name, missing, refuses=True))
        else:
            pinned = _pinned(target, state, declared.get(role, {}))
            plan = replace(plan, pins=pinned.pins)
            findings += [Finding(name, problem, refuses=True) for problem in pinned.problems]
            findings += service_findings(name, state.body, has_sockets=role == "backend")
            findings += traffic_findings(name, state.split, state.latest_created)
        services.append(plan)
    findings += unfinished(ledger, break_lock=choices.break_lock)
    pending, unknown = _migrations(root, roles, former)
    if unknown:
        findings.append(Finding("migrations", unknown))
    return Plan(
        release=new_release_id(),
        project=target.cloud.project,
        region=target.cloud.region,
        steps=tuple(sorted({*choices.steps, WHOLE})),
        services=tuple(services),
        migrations=pending,
        findings=tuple(findings),
        fallback_release=former.id if former else "",
    )


def unfinished(ledger: Ledger, *, break_lock: str = "") -> Iterator[Finding]:
    """Yield what another deploy of this environment means for this one."""
    if ledger.lock is not None and not ledger.lock.is_stale(now()) and not break_lock:
        yield Finding("lock", f"a deploy is in progress: {ledger.lock.describe(now())}")
    elif ledger.rollout is not None and not ledger.rollout.is_over:
        yield Finding(
            ledger.rollout.release,
            f"it was interrupted at {ledger.rollout.phase}; continue it with: netra deploy "
            "--resume, or end it with: netra rollback",
            refuses=True,
        )


def declared_services(target: Target) -> Mapping[str, Mapping[str, Any]]:
    """Return by role what Terraform declares for this environment."""
    configuration = load(
        STACK, {"domain": "localhost", "environment": str(target.environment.name)}
    )
    found = run_services(configuration, target.cloud.project)
    return {
        role: body
        for role in ROLES
        for name, body in found.items()
        if name.startswith(f"netra-{role}-")
    }


def new_release_id() -> str:
    """Return an id that sorts by time and fits into a revision's name."""
    return f"r{now():%Y%m%d-%H%M%S}"


def serving_revision(state: ServiceState) -> str:
    """Return the revision with the largest share; empty when nothing serves."""
    shares = resolved(state.split, state.latest_ready)
    return max(shares, key=lambda name: shares[name], default="")


def fallback_of(
    cloud: CloudRun, role: str, service: str, state: ServiceState, former: Release | None
) -> str:
    """Return the revision that gets the traffic back: the last verified one, if it still exists.

    Without a verified release it is what serves now.
    """
    verified = former.service(role) if former else None
    if verified is not None:
        revision = cloud.revision(service, verified.revision)
        if revision is not None and is_ready(revision):
            return verified.revision
    return serving_revision(state)


def _service_plan(
    target: Target,
    role: str,
    state: ServiceState | None,
    former: Release | None,
    *,
    image: str,
    declared: Mapping[str, Any],
) -> ServicePlan:
    service = target.service(role)
    if state is None:
        return ServicePlan(role, service, {}, "", image, "")
    serving = serving_revision(state)
    revision = target.cloud.revision(service, serving) if serving else None
    changed = drift(state.body, declared) if declared else ()
    return ServicePlan(
        role,
        service,
        resolved(state.split, state.latest_ready),
        image_of(revision or {}, role),
        image,
        fallback_of(target.cloud, role, service, state, former),
        drift=_comparable(changed, local=target.environment.is_local),
    )


def _pinned(target: Target, state: ServiceState, declared: Mapping[str, Any]) -> Pinned:
    """Resolve the secrets of a service, also those that an earlier deploy has pinned."""

    def versions(secret: str) -> Sequence[SecretVersion]:
        return secret_versions(target.cloud, secret)

    follows = following_latest(declared.get("template", {}))
    return pin_secrets(state.body["template"], versions, follows)


def _comparable(changes: Sequence[Change], *, local: bool) -> tuple[Change, ...]:
    """Leave out what differs on purpose on one machine: its environment, mounts and networks."""
    if not local:
        return tuple(changes)
    compared = (".scaling.", ".timeout", "maxInstanceRequestConcurrency", "Probe.", "sessionAff")
    return tuple(c for c in changes if any(part in c.path for part in compared))


def _migrations(
    root: Path, roles: Sequence[str], former: Release | None
) -> tuple[tuple[Migration, ...], str]:
    """Return migrations newer than the former release's, and why they are unknown if they are."""
    found: list[Migration] = []
    for role in roles:
        scripts = sorted((root / MIGRATIONS[role]).glob("*.py")) if role in MIGRATIONS else []
        known = former.schemas.get(role) if former else None
        if scripts and known is None:
            return (), "no release on record names its schema, so pending ones are unknown"
        found += [
            migration
            for path in scripts
            if (migration := read_migration(role, path)).revision > (known or "")
        ]
    return tuple(found), ""


def schema_heads(root: Path) -> dict[str, str]:
    """Return by role the newest migration of the checkout."""
    heads: dict[str, str] = {}
    for role, folder in MIGRATIONS.items():
        revisions = [read_migration(role, path).revision for path in (root / folder).glob("*.py")]
        heads |= {role: max(revisions)} if revisions else {}
    return heads
