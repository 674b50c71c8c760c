"""Beginning a run: what is decided under the lock of the thread's row."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from netra_backend.app.agents.errors import CommandMismatch, MessageRefused
from netra_backend.app.agents.orders import StartedRun
from netra_backend.app.db.tables import messages, runs, threads
from netra_backend.app.threads.errors import ThreadNotFound
from netra_backend.app.threads.messages import append_messages
from netra_backend.app.threads.titles import automatic_title


@dataclass(frozen=True, slots=True)
class BeginRequest:
    """A ``run.start`` that has been checked. ``digest`` identifies what was asked."""

    run_id: UUID
    thread_id: UUID
    owner_id: UUID
    command_id: UUID
    message_id: UUID
    content: str
    digest: str
    model: str
    trace_id: str | None


@dataclass(frozen=True, slots=True)
class Begun:
    """The run exists; ``fresh`` tells whether this call made it."""

    run: StartedRun
    fresh: bool


@dataclass(frozen=True, slots=True)
class Busy:
    """Another run holds the thread.

    ``settling``: it has ended, its last event is on the way. ``expired``: its instance is gone.
    """

    run_id: UUID
    settling: bool
    expired: bool


async def begin_run(
    connection: AsyncConnection, request: BeginRequest, *, instance_id: str, lease: timedelta
) -> Begun | Busy:
    """Store the message and the run, unless the command is known or the thread is busy.

    The thread's row stays locked until the transaction ends, so that two commands for one
    thread are decided one after the other.

    Raises:
        ThreadNotFound: no such thread for this owner, or deleted.
        CommandMismatch: the command id was used for something else.
        MessageRefused: the message id is taken in this thread.
    """
    owned = await connection.scalar(
        select(threads.c.id)
        .where(
            threads.c.id == request.thread_id,
            threads.c.owner_id == request.owner_id,
            threads.c.deleted_at.is_(None),
        )
        .with_for_update()
    )
    if owned is None:
        raise ThreadNotFound("There is no such thread.")
    if known := await known_command(connection, request):
        return Begun(known, fresh=False)
    if busy := await _holder(connection, request.thread_id):
        return busy
    await _store_message(connection, request)
    await connection.execute(
        insert(runs).values(
            id=request.run_id,
            thread_id=request.thread_id,
            owner_id=request.owner_id,
            command_id=request.command_id,
            message_id=request.message_id,
            request_digest=request.digest,
            status="running",
            model=request.model,
            instance_id=instance_id,
            lease_expires_at=func.now() + lease,
            trace_id=request.trace_id,
        )
    )
    return Begun(_started(request), fresh=True)


async def known_command(connection: AsyncConnection, request: BeginRequest) -> StartedRun | None:
    """Return the run that the command has started before, if any.

    Raises:
        CommandMismatch: the command id was used for something else.
    """
    row = (
        await connection.execute(
            select(runs.c.id, runs.c.request_digest).where(
                runs.c.owner_id == request.owner_id, runs.c.command_id == request.command_id
            )
        )
    ).first()
    if row is None:
        return None
    if row.request_digest != request.digest:
        raise CommandMismatch("The command id was used for another message.")
    return StartedRun(row.id, request.thread_id, request.message_id)


async def _holder(connection: AsyncConnection, thread_id: UUID) -> Busy | None:
    row = (
        await connection.execute(
            select(
                runs.c.id,
                runs.c.status,
                (runs.c.lease_expires_at <= func.now()).label("expired"),
            ).where(runs.c.thread_id == thread_id, runs.c.released_at.is_(None))
        )
    ).first()
    if row is None:
        return None
    return Busy(row.id, settling=row.status != "running", expired=row.expired)


async def _store_message(connection: AsyncConnection, request: BeginRequest) -> None:
    taken = await connection.scalar(
        select(messages.c.id).where(
            messages.c.thread_id == request.thread_id, messages.c.id == request.message_id
        )
    )
    if taken is not None:
        raise MessageRefused("The message id is taken in this thread.")
    body = {"id": str(request.message_id), "role": "user", "content": request.content}
    await append_messages(
        connection, thread_id=request.thread_id, run_id=request.run_id, bodies=[body]
    )
    await connection.execute(
        update(threads)
        .where(threads.c.id == request.thread_id, threads.c.title.is_(None))
        .values(title=automatic_title(request.content))
    )


def _started(request: BeginRequest) -> StartedRun:
    return StartedRun(request.run_id, request.thread_id, request.message_id)
