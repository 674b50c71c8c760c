"""The thread's paused run: find it, mark it as answered, or decline its calls."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from netra_backend.app.db.tables import messages, runs
from netra_backend.app.runs.ports import ThreadMessages

DISMISSED = "Not approved: the person sent a new message instead of an answer."


async def find_paused(connection: AsyncConnection, thread_id: UUID) -> Any:
    """Return the row of the thread's run that is waiting for answers; None without one."""
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


async def mark_answered(connection: AsyncConnection, paused: Any) -> None:
    """Note that the paused run has its answers."""
    await connection.execute(
        update(runs)
        .where(runs.c.id == paused.id)
        .values(answered_at=func.now(), paused_messages=None)
    )


async def decline(connection: AsyncConnection, paused: Any, threads: ThreadMessages) -> None:
    """Decline the waiting calls: models refuse a history with a call that has no result."""
    await threads.append(
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
        after=await end_of_run(connection, paused.thread_id, paused.id),
    )
    await mark_answered(connection, paused)


async def end_of_run(connection: AsyncConnection, thread_id: UUID, run_id: UUID) -> UUID | None:
    """Return the last message that the run stored; None when it stored none."""
    last: UUID | None = await connection.scalar(
        select(messages.c.id)
        .where(messages.c.thread_id == thread_id, messages.c.run_id == run_id)
        .order_by(messages.c.position.desc())
        .limit(1)
    )
    return last
