"""Releases on record: which revisions served together, and whether they were verified."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Outcome(StrEnum):
    """How a release ended."""

    VERIFIED = "verified"  # it passed every step, at 100 %
    ADOPTED = "adopted"  # it served before this tool was used; no one has verified it
    ABORTED = "aborted"  # a step failed; it serves nothing
    ROLLED_BACK = "rolled-back"  # it was verified once, and taken back later


class ServiceRelease(BaseModel):
    """One service in a release.

    Attributes:
        role: backend, auth or frontend.
        service: its Cloud Run name.
        revision: short name.
        image: with digest.
    """

    model_config = ConfigDict(frozen=True)

    role: str
    service: str
    revision: str
    image: str


class Release(BaseModel):
    """What served together.

    Attributes:
        id: sorts by time.
        by: who deployed it.
        reason: why, as given.
        at: when it ended.
        note: why it was aborted or rolled back.
        error_classes: what its canary and its bake have shown; known for the next canary.
        schemas: by role the newest migration that it knows.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    services: tuple[ServiceRelease, ...]
    outcome: Outcome
    by: str
    at: datetime
    reason: str = ""
    note: str = ""
    error_classes: tuple[str, ...] = ()
    schemas: Mapping[str, str] = Field(default_factory=dict)

    def service(self, role: str) -> ServiceRelease | None:
        """Return the service of ``role``, if the release has one."""
        return next((one for one in self.services if one.role == role), None)


def last_verified(releases: Iterable[Release], *, excluding: str = "") -> Release | None:
    """Return the newest verified release that is not ``excluding``; ``releases`` by age."""
    verified = [r for r in releases if r.outcome is Outcome.VERIFIED and r.id != excluding]
    return verified[-1] if verified else None


def release_of_revision(releases: Iterable[Release], revision: str) -> Release | None:
    """Return the newest release that contains ``revision``."""
    found = [r for r in releases if any(s.revision == revision for s in r.services)]
    return found[-1] if found else None


def marked(
    releases: Iterable[Release], release_id: str, outcome: Outcome, note: str
) -> tuple[Release, ...]:
    """Return the releases with another outcome and note for one of them."""
    change = {"outcome": outcome, "note": note}
    return tuple(r.model_copy(update=change) if r.id == release_id else r for r in releases)
