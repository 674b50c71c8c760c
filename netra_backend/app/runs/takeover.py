"""Claiming the runs of lost processes: one statement selects them and assigns the new owner.

Only an expired lease in the row marks a process as lost. Owner names are unique per process, so
a process that starts never claims the runs of a live one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, case, extract, func, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from netra_backend.app.db.tables import messages, runs
from netra_backend.app.runs.control import CancelReason
from netra_backend.app.runs.journal import RUN_FORMAT
from netra_backend.app.runs.run_spec import RunSpec

_SUSPECT = and_(runs.c.losses > 0, not_(runs.c.transferred), runs.c.status == "running")
CLAIMS_PER_SWEEP = 50  # one statement and 50 publications take far less time than a lease


@dataclass(frozen=True, slots=True)
class ClaimedRun:
    """A run that this process now owns.

    ``terminal`` is its terminal event when the run had ended and only this event was not
    published. ``known_format`` is true when this code can resume it.
    """

    spec: RunSpec
    terminal: dict[str, Any] | None
    cancel_reason: CancelReason | None
    losses: int
    known_format: bool

    @property
    def suspect(self) -> bool:
        """Return whether the run was lost repeatedly, so that it is executed apart."""
        return self.losses > 1


async def claim_runs(
    connection: AsyncConnection,
    *,
    owner: str,
    lease: timedelta,
    excluded: Collection[Any],
    capacity: int,
    foreign_after: timedelta,
    suspect: bool,
) -> Sequence[ClaimedRun]:
    """Claim runs whose lease has expired.

    Args:
        connection: in a transaction.
        owner: this process.
        lease: how long this process owns them without renewal.
        excluded: ids of runs that this process is executing, with any lease.
        capacity: how many more runs may be executed here; ended runs are not counted.
        foreign_after: how long the lease of a run in a newer format must have expired, so that
            instances that know the format claim it first.
        suspect: whether one run may be claimed that was lost before. It may be the cause, so a
            process executes such runs one at a time: only the cause is lost again and again.
    """
    candidates = [_candidates(excluded, capacity, foreign_after).where(not_(_SUSPECT))]
    if suspect:
        first = _candidates(excluded, capacity, foreign_after).where(_SUSPECT)
        candidates.append(first.order_by(None).order_by(runs.c.losses).limit(1))
    claimed: list[ClaimedRun] = []
    for selected in candidates:
        claimed += await _claim(connection, selected, owner, lease)
    return claimed


async def _claim(
    connection: AsyncConnection, candidates: Select[Any], owner: str, lease: timedelta
) -> list[ClaimedRun]:
    claimed = await connection.execute(
        update(runs)
        .where(runs.c.id.in_(candidates.scalar_subquery()))
        .values(
            instance_id=owner,
            lease_expires_at=func.now() + lease,
            attempt=runs.c.attempt + 1,
            losses=runs.c.losses + case((runs.c.transferred, 0), else_=1),
            transferred=False,
        )
        .returning(runs, extract("epoch", func.now() - runs.c.created_at).label("age"))
    )
    return [_claimed(row, await _prompt(connection, row)) for row in claimed.all()]


def _candidates(excluded: Collection[Any], capacity: int, foreign_after: timedelta) -> Select[Any]:
    expired = runs.c.lease_expires_at <= func.now()
    known = runs.c.format <= RUN_FORMAT
    long_expired = runs.c.lease_expires_at <= func.now() - foreign_after
    statement = (
        select(runs.c.id)
        .where(
            runs.c.released_at.is_(None),
            runs.c.id.not_in(excluded),
            expired,
            or_(known, long_expired, runs.c.status != "running"),
        )
        .order_by(runs.c.lease_expires_at)
        .limit(max(1, min(capacity, CLAIMS_PER_SWEEP)))
        .with_for_update(skip_locked=True)
    )
    return statement if capacity > 0 else statement.where(runs.c.status != "running")


async def _prompt(connection: AsyncConnection, run: Row[Any]) -> str:
    content = await connection.scalar(
        select(messages.c.body["content"].as_string()).where(
            and_(messages.c.thread_id == run.thread_id, messages.c.id == run.message_id)
        )
    )
    return content or ""


def _claimed(run: Row[Any], prompt: str) -> ClaimedRun:
    spec = RunSpec(
        run_id=run.id,
        thread_id=run.thread_id,
        message_id=run.message_id,
        user_id=run.owner_id,
        roles=tuple(run.roles),
        prompt=prompt,
        attempt=run.attempt,
        age_seconds=float(run.age),
        parent_run_id=run.parent_run_id,
        answers=run.answers or (),
        paused_messages=run.paused_messages if run.answers else None,
    )
    return ClaimedRun(
        spec=spec,
        terminal=run.terminal_event if run.status != "running" else None,
        cancel_reason=CancelReason(run.cancel_reason) if run.cancel_reason else None,
        losses=run.losses,
        known_format=run.format == RUN_FORMAT,
    )
