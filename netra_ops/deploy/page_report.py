"""A deploy as the operations page shows it: what serves, its steps, past releases. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from netra_backend.app.operations.release_report import (
    MAX_RELEASES,
    MAX_REVISIONS,
    MAX_STEPS,
    ReleaseEntry,
    RevisionEntry,
    ServiceEntry,
    StepEntry,
    StepState,
)
from netra_ops.deploy.ledger.release import Release
from netra_ops.deploy.progress import Event, Kind
from netra_ops.deploy.status import RevisionStatus, Status

SHORT, LINE = 200, 1000

_STATES = {
    Kind.START: StepState.RUNNING,
    Kind.NOTE: StepState.RUNNING,
    Kind.DONE: StepState.DONE,
    Kind.FAILED: StepState.FAILED,
}


def after(steps: Sequence[StepEntry], event: Event) -> tuple[StepEntry, ...]:
    """Return the steps after an event; a step keeps its last text, the oldest steps are dropped."""
    former = steps[-1] if steps and steps[-1].name == event.step else None
    text = event.text or (former.text if former else "")
    entry = StepEntry(
        name=event.step[:SHORT],
        state=_STATES[event.kind],
        seconds=event.seconds,
        text=text[:LINE],
    )
    return (*(steps[:-1] if former else steps), entry)[-MAX_STEPS:]


def services_of(status: Status) -> list[ServiceEntry]:
    """Return the services with the revisions that serve or have a tag."""
    return [
        ServiceEntry(
            role=one.role,
            service=one.service,
            pinned=one.pinned,
            revisions=[_revision(revision) for revision in one.revisions[:MAX_REVISIONS]],
        )
        for one in status.services
    ]


def releases_of(releases: Iterable[Release]) -> list[ReleaseEntry]:
    """Return the releases on record, newest first; ``releases`` by age."""
    newest = list(releases)[::-1][:MAX_RELEASES]
    return [
        ReleaseEntry(
            id=one.id,
            outcome=one.outcome,
            by=one.by[:SHORT],
            at=one.at,
            reason=one.reason[:LINE],
            note=one.note[:LINE],
        )
        for one in newest
    ]


def _revision(status: RevisionStatus) -> RevisionEntry:
    return RevisionEntry(
        revision=status.revision,
        percent=status.percent,
        tags=list(status.tags[:MAX_REVISIONS]),
        digest=status.digest,
        created_at=datetime.fromisoformat(status.created) if status.created else None,
        ready=status.ready,
        verified=status.verified,
        release=status.release,
    )
