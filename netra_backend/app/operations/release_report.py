"""What ``netra deploy`` and ``netra rollback`` report: what serves, the rollout, the history."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from netra_backend.app.operations.report_model import Line, ReportModel, Short

MAX_SERVICES = 10
MAX_REVISIONS = 20
MAX_STEPS = 40
MAX_RELEASES = 20


class StepState(StrEnum):
    """Where a step is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class RevisionEntry(ReportModel):
    """One revision that serves or has a tag."""

    revision: Short
    percent: int = Field(ge=0, le=100)
    tags: list[Short] = Field(max_length=MAX_REVISIONS)
    digest: Short
    created_at: datetime | None
    ready: bool
    verified: bool
    release: Short


class ServiceEntry(ReportModel):
    """One service; ``pinned``: its traffic names a revision, so other tools deploy 0 %."""

    role: Short
    service: Short
    pinned: bool
    revisions: list[RevisionEntry] = Field(max_length=MAX_REVISIONS)


class StepEntry(ReportModel):
    """One step of a rollout with its last note, such as the verdict as it forms."""

    name: Short
    state: StepState
    seconds: float = Field(ge=0)
    text: Line


class RolloutEntry(ReportModel):
    """A deploy or a rollback; it works while ``ended_at`` is None."""

    command: Short
    by: Short
    reason: Line
    started_at: datetime
    ended_at: datetime | None
    problem: Line = Field(description="Why it failed; empty otherwise.")
    steps: list[StepEntry] = Field(max_length=MAX_STEPS)


class ReleaseEntry(ReportModel):
    """One release on record."""

    id: Short
    outcome: Short
    by: Short
    at: datetime
    reason: Line
    note: Line


class ReleasesReport(ReportModel):
    """State of an environment's releases."""

    environment: Short
    at: datetime
    every_seconds: float = Field(
        gt=0, description="While a rollout works, a report is late after some of these."
    )
    services: list[ServiceEntry] = Field(max_length=MAX_SERVICES)
    rollout: RolloutEntry | None
    releases: list[ReleaseEntry] = Field(max_length=MAX_RELEASES, description="Newest first.")
