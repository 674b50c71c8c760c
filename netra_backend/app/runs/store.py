"""The rows of runs: started under the lock of their thread, leased, finished, released.

A run holds its thread from ``start`` to ``release``. In between its process renews the lease;
a run whose lease has expired can be claimed by any process.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_backend.app.db.tables import run_steps, runs
from netra_backend.app.db.transaction import transaction
from netra_backend.app.runs.control import CancelReason
from netra_backend.app.runs.errors import CommandMismatch, RunNotFound
from netra_backend.app.runs.paused import end_of_run
from netra_backend.app.runs.ports import ThreadMessages
from netra_backend.app.runs.run_spec import RunOutcome, StartedRun
from netra_backend.app.runs.start import (
    StartRequest,
    StartResult,
    ThreadBusy,
    known_command,
    start_run,
)
from netra_backend.app.runs.takeover import ClaimedRun, claim_runs
from netra_shared.text import well_formed


class RunStore:
    """Statements over ``netra.runs``.

    Args:
        engine: the database.
        threads: the messages of threads.
        instance_id: the instance; part of ``owner``.
        lease_seconds: how long a lease lasts without renewal, by the database's clock.

    Attributes:
        owner: the name under which this process owns leases. It is unique per process, also
            when an environment assigns the same instance id twice.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        threads: ThreadMessages,
        *,
        instance_id: str,
        lease_seconds: float,
    ) -> None:
        self._engine = engine
        self._threads = threads
        self.owner = f"{instance_id}.{uuid4().hex[:8]}"
        self._lease = timedelta(seconds=lease_seconds)

    async def start(self, request: StartRequest) -> StartResult | ThreadBusy:
        """Store the message and the run in one transaction, unless the thread is busy.

        Raises:
            ThreadNotFound: no such thread for this owner, or deleted.
            CommandMismatch: the command id was used for another command.
            MessageRefused: the message id exists in this thread.
            NothingToAnswer, AnswerRefused: the answers match no interrupts.
        """
        try:
            async with transaction(self._engine) as connection:
                return await start_run(
                    connection,
                    request,
                    self._threads,
                    instance_id=self.owner,
                    lease=self._lease,
                )
        except IntegrityError as error:
            if "runs_command" not in str(error.orig):
                raise
            raise CommandMismatch("The command id was used in another thread.") from error

    async def known_command(self, request: StartRequest) -> StartedRun | None:
        """Return the run that the command started before, if any.

        Raises:
            CommandMismatch: the command id was used for another command.
        """
        async with transaction(self._engine) as connection:
            return await known_command(connection, request)

    async def request_cancel(
        self, *, run_id: UUID, owner_id: UUID, reason: CancelReason
    ) -> tuple[str, bool]:
        """Store a cancel request; the run's process reads it at its next heartbeat.

        Returns:
            The run's status, and whether it is still executing.

        Raises:
            RunNotFound: no such run for this owner.
        """
        async with transaction(self._engine) as connection:
            await connection.execute(
                update(runs)
                .where(
                    runs.c.id == run_id,
                    runs.c.owner_id == owner_id,
                    runs.c.status == "running",
                    runs.c.cancel_reason.is_(None),
                )
                .values(cancel_reason=reason.value)
            )
            status = await connection.scalar(
                select(runs.c.status).where(runs.c.id == run_id, runs.c.owner_id == owner_id)
            )
        if status is None:
            raise RunNotFound("There is no such run.")
        return str(status), status == "running"

    async def request_cancel_older(self, seconds: float) -> int:
        """Store a cancel request for every older run, of any user; return how many."""
        async with transaction(self._engine) as connection:
            cancelled = await connection.execute(
                update(runs)
                .where(
                    runs.c.status == "running",
                    runs.c.cancel_reason.is_(None),
                    runs.c.created_at < func.now() - timedelta(seconds=seconds),
                )
                .values(cancel_reason=CancelReason.OPERATOR.value)
            )
        return cancelled.rowcount

    async def renew(self, run_ids: Collection[UUID]) -> dict[UUID, CancelReason | None]:
        """Renew the leases of this process's runs.

        Returns:
            The runs that this process still owns, each with the reason to cancel it, if any.
        """
        statement = (
            update(runs)
            .where(
                runs.c.id.in_(run_ids),
                runs.c.instance_id == self.owner,
                runs.c.released_at.is_(None),
            )
            .values(lease_expires_at=func.now() + self._lease)
            .returning(runs.c.id, runs.c.cancel_reason)
        )
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(statement)).all()
        return {
            row.id: CancelReason(row.cancel_reason) if row.cancel_reason else None for row in rows
        }

    async def finish(self, run_id: UUID, thread_id: UUID, outcome: RunOutcome) -> bool:
        """Store the answer and how the run ended, in one transaction; idempotent.

        Returns:
            False when another process owns the run; then nothing was stored.
        """
        async with transaction(self._engine) as connection:
            row = (
                await connection.execute(
                    select(
                        runs.c.status,
                        runs.c.instance_id,
                        runs.c.message_id,
                        runs.c.parent_run_id,
                    )
                    .where(runs.c.id == run_id, runs.c.released_at.is_(None))
                    .with_for_update()
                )
            ).first()
            if row is None or row.instance_id != self.owner:
                return False
            if row.status != "running":
                return True  # the commit of an earlier attempt was not acknowledged
            origin = row.parent_run_id or run_id
            last = await end_of_run(connection, thread_id, origin)
            await self._threads.append(
                connection,
                thread_id=thread_id,
                run_id=run_id,
                bodies=outcome.messages,
                after=last or row.message_id,
            )
            await connection.execute(
                update(runs)
                .where(runs.c.id == run_id)
                .values(
                    status=outcome.status,
                    error_code=outcome.error_code,
                    usage=outcome.usage,
                    terminal_event=well_formed(outcome.terminal),
                    interrupts=well_formed(outcome.interrupts) if outcome.interrupts else None,
                    paused_messages=outcome.paused_messages,
                    finish_reason=outcome.finish_reason,
                    step_times=outcome.step_times,
                    finished_at=func.now(),
                )
            )
        return True

    async def release(self, run_id: UUID) -> None:
        """Release the thread after the terminal event, and delete the run's journal."""
        async with transaction(self._engine) as connection:
            released = await connection.execute(
                update(runs)
                .where(runs.c.id == run_id, runs.c.instance_id == self.owner)
                .values(released_at=func.now())
            )
            if released.rowcount:
                await connection.execute(delete(run_steps).where(run_steps.c.run_id == run_id))

    async def transfer(self, run_ids: Collection[UUID]) -> None:
        """Expire the leases of these runs now, so that another instance continues them."""
        async with transaction(self._engine) as connection:
            await connection.execute(
                update(runs)
                .where(
                    runs.c.id.in_(run_ids),
                    runs.c.instance_id == self.owner,
                    runs.c.released_at.is_(None),
                )
                .values(lease_expires_at=func.now(), transferred=True)
            )

    async def claim(
        self,
        *,
        excluded: Collection[UUID],
        capacity: int,
        foreign_seconds: float,
        suspect: bool = True,
    ) -> Sequence[ClaimedRun]:
        """Claim runs whose lease has expired; see ``claim_runs``."""
        async with transaction(self._engine) as connection:
            return await claim_runs(
                connection,
                owner=self.owner,
                lease=self._lease,
                excluded=excluded,
                capacity=capacity,
                foreign_after=timedelta(seconds=foreign_seconds),
                suspect=suspect,
            )
