"""Starting a run: the decisions that are made under the lock of the thread's row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from netra_backend.app.db.tables import messages, runs
from netra_backend.app.runs.errors import CommandMismatch, MessageRefused, NothingToAnswer
from netra_backend.app.runs.interrupt_answers import check_answers
from netra_backend.app.runs.journal import RUN_FORMAT
from netra_backend.app.runs.paused import decline, find_paused, mark_answered
from netra_backend.app.runs.ports import ThreadMessages
from netra_backend.app.runs.run_spec import RunSpec, StartedRun
from netra_shared.errors import MessageNotFound


@dataclass(frozen=True, slots=True)
class NewMessage:
    """The user's message; the client created its id.

    ``after``: its parent, as in ``StartRun``. ``stored``: the message exists and is answered again.
    """

    id: UUID
    content: str
    after: UUID | UnsetType | None = UNSET
    stored: bool = False


@dataclass(frozen=True, slots=True)
class StartRequest:
    """A validated ``run.start`` or ``run.resume``.

    ``digest`` identifies the content of the command. A start has a ``message``; a resume has
    ``answers``, AG-UI resume entries that are compared with the interrupts under the lock.
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
class StartResult:
    """The run exists; ``spec`` is set when this call created it and it must be executed."""

    run: StartedRun
    spec: RunSpec | None


@dataclass(frozen=True, slots=True)
class ThreadBusy:
    """Another run holds the thread.

    ``settling``: it has ended and its terminal event is not yet published. ``expired``: its
    lease has expired, so its process is lost.
    """

    run_id: UUID
    settling: bool
    expired: bool


async def start_run(
    connection: AsyncConnection,
    request: StartRequest,
    threads: ThreadMessages,
    *,
    instance_id: str,
    lease: timedelta,
) -> StartResult | ThreadBusy:
    """Store the message and the run, unless the command is known or the thread is busy.

    The thread's row stays locked until the transaction ends, so concurrent commands for one
    thread are decided one after the other.

    Raises:
        NotFound: the owner has no such thread, or it is deleted.
        CommandMismatch: the command id was used for another command.
        MessageRefused: the message id exists in this thread.
        NothingToAnswer: no run of the thread is waiting for answers.
        AnswerRefused: the answers do not match the interrupts.
    """
    await threads.lock(connection, thread_id=request.thread_id, owner_id=request.owner_id)
    if known := await known_command(connection, request):
        return StartResult(known, None)
    if busy := await _active_run(connection, request.thread_id):
        return busy
    spec = await _create_spec(connection, request, threads)
    await connection.execute(
        insert(runs).values(
            id=spec.run_id,
            thread_id=spec.thread_id,
            owner_id=spec.user_id,
            roles=list(spec.roles),
            command_id=request.command_id,
            message_id=spec.message_id,
            request_digest=request.digest,
            status="running",
            model=request.model,
            instance_id=instance_id,
            lease_expires_at=func.now() + lease,
            trace_id=request.trace_id,
            format=RUN_FORMAT,
            parent_run_id=spec.parent_run_id,
            answers=list(spec.answers) or None,
            paused_messages=spec.paused_messages,
        )
    )
    return StartResult(StartedRun(spec.run_id, spec.thread_id, spec.message_id), spec)


async def known_command(connection: AsyncConnection, request: StartRequest) -> StartedRun | None:
    """Return the run that the command started before, if any.

    Raises:
        CommandMismatch: the command id was used for another command.
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
        raise CommandMismatch("The command id was used for another command; create a new id.")
    return StartedRun(row.id, request.thread_id, row.message_id)


async def _active_run(connection: AsyncConnection, thread_id: UUID) -> ThreadBusy | None:
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
    return ThreadBusy(row.id, settling=row.status != "running", expired=row.expired)


async def _create_spec(
    connection: AsyncConnection, request: StartRequest, threads: ThreadMessages
) -> RunSpec:
    """Store the message, or accept the answers, and return the specification of the run."""
    paused = await find_paused(connection, request.thread_id)
    if request.message is not None:
        if paused is not None:
            await decline(connection, paused, threads)
        if request.message.stored:
            content = await _stored_question(connection, request, request.message)
            await threads.activate(
                connection, thread_id=request.thread_id, message_id=request.message.id
            )
            return _spec(request, request.message.id, content)
        await _store_message(connection, request, request.message, threads)
        return _spec(request, request.message.id, request.message.content)
    if paused is None:
        raise NothingToAnswer("No run of this thread is waiting for an answer.")
    answers = check_answers(paused.interrupts, request.answers)
    await mark_answered(connection, paused)
    return replace(
        _spec(request, paused.message_id, prompt=""),
        parent_run_id=paused.id,
        answers=answers,
        paused_messages=paused.paused_messages,
    )


def _spec(request: StartRequest, message_id: UUID, prompt: str) -> RunSpec:
    return RunSpec(
        run_id=request.run_id,
        thread_id=request.thread_id,
        message_id=message_id,
        user_id=request.owner_id,
        roles=request.roles,
        prompt=prompt,
    )


async def _store_message(
    connection: AsyncConnection,
    request: StartRequest,
    message: NewMessage,
    threads: ThreadMessages,
) -> None:
    if await _role(connection, request.thread_id, message.id) is not None:
        raise MessageRefused("The message id exists in this thread; create a new id.")
    if isinstance(message.after, UUID) and (
        await _role(connection, request.thread_id, message.after) is None
    ):
        raise MessageNotFound("The parent is not a message of this thread.")
    body = {"id": str(message.id), "role": "user", "content": message.content}
    await threads.append(
        connection,
        thread_id=request.thread_id,
        run_id=request.run_id,
        bodies=[body],
        after=message.after,
    )
    await threads.set_automatic_title(
        connection, thread_id=request.thread_id, content=message.content
    )


async def _role(connection: AsyncConnection, thread_id: UUID, message_id: UUID) -> str | None:
    role: str | None = await connection.scalar(
        select(messages.c.role).where(
            messages.c.thread_id == thread_id, messages.c.id == message_id
        )
    )
    return role


async def _stored_question(
    connection: AsyncConnection, request: StartRequest, message: NewMessage
) -> str:
    """Return the content of the user message that is answered again."""
    content: str | None = await connection.scalar(
        select(messages.c.body["content"].as_string()).where(
            messages.c.thread_id == request.thread_id,
            messages.c.id == message.id,
            messages.c.role == "user",
        )
    )
    if content is None:
        raise MessageNotFound("The message is not a user message of this thread.")
    return content
