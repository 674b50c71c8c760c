"""A deploy as a value: exactly what will change, and what speaks against it."""

from dataclasses import asdict, dataclass
from typing import Any

from netra_ops.deploy.plan.findings import Finding
from netra_ops.deploy.plan.migrations import Migration
from netra_ops.deploy.plan.secrets import Pin
from netra_ops.deploy.plan.settings import Change


@dataclass(frozen=True)
class ServicePlan:
    """One service of a deploy.

    Attributes:
        role: backend, auth or frontend.
        service: its Cloud Run name.
        serving: share of new requests by revision, now; empty for a service that does not exist.
        image_now: what serves, with digest; empty for a new service.
        image_next: what will serve; empty before it is built.
        fallback: the revision that gets the traffic back on failure.
        changes: settings that this deploy changes.
        drift: settings that differ from the declaration and stay as they are.
        pins: secrets that are pinned to numbers.
    """

    role: str
    service: str
    serving: dict[str, int]
    image_now: str
    image_next: str
    fallback: str
    changes: tuple[Change, ...] = ()
    drift: tuple[Change, ...] = ()
    pins: tuple[Pin, ...] = ()

    @property
    def is_unchanged(self) -> bool:
        """True when the same image already serves with the same settings and secrets."""
        same_image = bool(self.image_next) and self.image_next == self.image_now
        return same_image and not self.changes and not self.pins


@dataclass(frozen=True)
class Plan:
    """A whole deploy.

    Attributes:
        release: the new release's id.
        project: where.
        region: where.
        steps: percentages of the shift.
        services: in the order in which traffic moves.
        migrations: pending ones.
        findings: warnings and refusals.
        fallback_release: the release that serves again on failure; empty if none is on record.
    """

    release: str
    project: str
    region: str
    steps: tuple[int, ...]
    services: tuple[ServicePlan, ...]
    migrations: tuple[Migration, ...] = ()
    findings: tuple[Finding, ...] = ()
    fallback_release: str = ""

    @property
    def refusals(self) -> list[Finding]:
        """What forbids this deploy."""
        breaking = [
            Finding(
                m.schema,
                f"migration {m.revision} {', '.join(m.problems)}: the release that serves now "
                "would break; split it, or add --allow-migration REASON",
                refuses=True,
            )
            for m in self.migrations
            if m.problems
        ]
        return [finding for finding in self.findings if finding.refuses] + breaking

    @property
    def warnings(self) -> list[Finding]:
        """What an operator should know."""
        return [finding for finding in self.findings if not finding.refuses]

    @property
    def is_empty(self) -> bool:
        """True when every service already serves what this deploy would bring."""
        return all(service.is_unchanged for service in self.services)

    def to_json(self) -> dict[str, Any]:
        """Return it for ``--json``."""
        return asdict(self) | {"empty": self.is_empty, "refused": bool(self.refusals)}
