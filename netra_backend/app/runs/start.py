"""Beginning a run: what is decided under the lock of the thread's row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from netra_backend.app.agents.approvals import check_answers
from netra_backend.app.db.tables import messages, runs, threads
from netra_backend.app.runs.errors import CommandMismatch, MessageRefused, NothingToAnswer
from netra_backend.app.runs.journal import RUN_FORMAT
from netra_backend.app.runs.run_spec import RunOrder, StartedRun
from netra_backend.app.threads.errors import ThreadNotFound
from netra_backend.app.threads.messages import append_messages
from netra_backend.app.threads.titles import automatic_title

DISMISSED = "Not approved: the person wrote again instead of answering."


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What the user said; the client made the id."""

    id: UUID
    content: str


@dataclass(frozen=True, slots=True)
class BeginRequest:
    """A ``run.start`` or ``run.resume`` that has been checked.

    ``digest`` identifies what was asked. A start has a ``message``; a resume has ``answers``,
    AG-UI resume entries that are checked against the interrupts under the lock.
    """

    run_id: UUID
    thread_id: UUID
    owner_id: UUID
    roles: tuple[str, ...]
    command_id: UUID
    digest: str
    model: str
    trace_id: str | None
    message: NewMessage | None = None
    answers: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Begun:
    """The run exists; ``order`` is what to execute when this call made it."""

    run: StartedRun
    order: RunOrder | None


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
        NothingToAnswer: no run of the thread waits for answers.
        AnswerRefused: the answers do not fit the interrupts.
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
        return Begun(known, None)
    if busy := await _holder(connection, request.thread_id):
        return busy
    order = await _order(connection, request)
    await connection.execute(
        insert(runs).values(
            id=order.run_id,
            thread_id=order.thread_id,
            owner_id=order.user_id,
            roles=list(order.roles),
            command_id=request.command_id,
            message_id=order.message_id,
            request_digest=request.digest,
            status="running",
            model=request.model,
            instance_id=instance_id,
            lease_expires_at=func.now() + lease,
            trace_id=request.trace_id,
            format=RUN_FORMAT,
            parent_run_id=order.parent_run_id,
            answers=list(order.answers) or None,
            paused_messages=order.paused_messages,
        )
    )
    return Begun(StartedRun(order.run_id, order.thread_id, order.message_id), order)


async def known_command(connection: AsyncConnection, request: BeginRequest) -> StartedRun | None:
    """Return the run that the command has started before, if any.

    Raises:
        CommandMismatch: the command id was used for something else.
    """
    row = (
        await connection.execute(
            select(runs.c.id, runs.c.request_digest, runs.c.message_id).where(
                runs.c.owner_id == request.owner_id, runs.c.command_id == request.command_id
            )
        )
    ).first()
    if row is None:
        return None
    if row.request_digest != request.digest:
        raise CommandMismatch("The command id was used for something else.")
    return StartedRun(row.id, request.thread_id, row.message_id)


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


async def _order(connection: AsyncConnection, request: BeginRequest) -> RunOrder:
    """Return what the new run has to do; a message is stored, answers are accepted."""
    paused = await _paused(connection, request.thread_id)
    if request.message is not None:
        if paused is not None:
            await _dismiss(connection, paused)
        await _store_message(connection, request, request.message)
        return _order_of(request, request.message.id, request.message.content)
    if paused is None:
        raise NothingToAnswer("No run of this thread waits for an answer.")
    answers = check_answers(paused.interrupts, request.answers)
    await _mark_answered(connection, paused)
    return _order_of(
        request,
        paused.message_id,
        prompt="",
        parent_run_id=paused.id,
        answers=answers,
        paused_messages=paused.paused_messages,
    )


def _order_of(request: BeginRequest, message_id: UUID, prompt: str, **others: Any) -> RunOrder:
    return RunOrder(
        run_id=request.run_id,
        thread_id=request.thread_id,
        message_id=message_id,
        user_id=request.owner_id,
        roles=request.roles,
        prompt=prompt,
        **others,
    )


async def _paused(connection: AsyncConnection, thread_id: UUID) -> Any:
    """Return the thread's run that waits for answers, if any."""
    return (
        await connection.execute(
            select(
                runs.c.id,
                runs.c.thread_id,
                runs.c.message_id,
                runs.c.interrupts,
                runs.c.paused_messages,
            )
            .where(
                runs.c.thread_id == thread_id,
                runs.c.status == "interrupted",
                runs.c.interrupts.is_not(None),
                runs.c.answered_at.is_(None),
            )
            .order_by(runs.c.created_at.desc())
            .limit(1)
        )
    ).first()


async def _mark_answered(connection: AsyncConnection, paused: Any) -> None:
    await connection.execute(
        update(runs)
        .where(runs.c.id == paused.id)
        .values(answered_at=func.now(), paused_messages=None)
    )


async def _dismiss(connection: AsyncConnection, paused: Any) -> None:
    """Decline what waits: models refuse a history in which a call has no result."""
    await append_messages(
        connection,
        thread_id=paused.thread_id,
        run_id=paused.id,
        bodies=[
            {
                "id": str(uuid4()),
                "role": "tool",
                "toolCallId": interrupt["toolCallId"],
                "content": DISMISSED,
            }
            for interrupt in paused.interrupts
        ],
    )
    await _mark_answered(connection, paused)


async def _store_message(
    connection: AsyncConnection, request: BeginRequest, message: NewMessage
) -> None:
    taken = await connection.scalar(
        select(messages.c.id).where(
            messages.c.thread_id == request.thread_id, messages.c.id == message.id
        )
    )
    if taken is not None:
        raise MessageRefused("The message id is taken in this thread.")
    body = {"id": str(message.id), "role": "user", "content": message.content}
    await append_messages(
        connection, thread_id=request.thread_id, run_id=request.run_id, bodies=[body]
    )
    await connection.execute(
        update(threads)
        .where(threads.c.id == request.thread_id, threads.c.title.is_(None))
        .values(title=automatic_title(message.content))
    )
