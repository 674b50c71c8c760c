"""Writing messages: positions are taken under the lock of the thread's row."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from netra_backend.app.db.tables import messages, threads
from netra_backend.app.threads.text import storable

Body = Mapping[str, Any]


async def append_messages(
    connection: AsyncConnection,
    *,
    thread_id: UUID,
    run_id: UUID | None,
    bodies: Sequence[Body],
) -> None:
    """Append AG-UI messages to a thread, in order, and mark the thread as just used.

    Args:
        connection: in a transaction; the thread's row stays locked until it ends.
        thread_id: an existing thread.
        run_id: the run that the messages belong to.
        bodies: AG-UI messages; each needs a UUID ``id`` and a ``role``.
    """
    if not bodies:
        return
    after = await connection.scalar(
        update(threads)
        .where(threads.c.id == thread_id)
        .values(
            next_position=threads.c.next_position + len(bodies),
            updated_at=func.clock_timestamp(),
        )
        .returning(threads.c.next_position)
    )
    first = int(after or 0) - len(bodies)
    await connection.execute(
        insert(messages),
        [
            {
                "thread_id": thread_id,
                "id": UUID(body["id"]),
                "position": first + index,
                "run_id": run_id,
                "role": body["role"],
                "body": body,
                "text": searchable_text(body),
            }
            for index, body in enumerate(map(storable, bodies))
        ],
    )


def searchable_text(body: Body) -> str:
    """Return what a search should find: the words of users and of answers, nothing else.

    Tool results and reasoning are left out: a user who searches for what was said does not
    want every readiness report that was ever read.
    """
    content = body.get("content")
    if body["role"] not in {"user", "assistant"} or not isinstance(content, str):
        return ""
    return content
