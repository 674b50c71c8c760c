"""Writing messages: positions are assigned under the lock of the thread's row."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from netra_backend.app.db.branches import active_leaf
from netra_backend.app.db.tables import messages, threads
from netra_backend.app.threads.errors import ThreadNotFound
from netra_backend.app.threads.titles import automatic_title
from netra_shared.text import well_formed

Body = Mapping[str, Any]


class MessageWriter:
    """Implements ``netra_backend.app.runs.ports.ThreadMessages``."""

    async def lock(self, connection: AsyncConnection, *, thread_id: UUID, owner_id: UUID) -> None:
        """Lock the thread's row until the transaction ends.

        Raises:
            ThreadNotFound: the owner has no such thread, or it is deleted.
        """
        owned = await connection.scalar(
            select(threads.c.id)
            .where(
                threads.c.id == thread_id,
                threads.c.owner_id == owner_id,
                threads.c.deleted_at.is_(None),
            )
            .with_for_update()
        )
        if owned is None:
            raise ThreadNotFound("There is no such thread.")

    async def append(
        self,
        connection: AsyncConnection,
        *,
        thread_id: UUID,
        run_id: UUID | None,
        bodies: Sequence[Body],
        after: UUID | UnsetType | None = UNSET,
    ) -> None:
        """Append AG-UI messages to a branch, in order; it becomes the active branch.

        Args:
            connection: in a transaction; the thread's row stays locked until it ends.
            thread_id: an existing thread.
            run_id: the run that the messages belong to.
            bodies: AG-UI messages; each needs a UUID ``id`` and a ``role``.
            after: the parent of the first one; None for a first message of the thread, and the
                last message of the active branch when it is not given.
        """
        if not bodies:
            return
        if after is UNSET:
            after = await connection.scalar(select(active_leaf(thread_id)))
        ids = [UUID(body["id"]) for body in bodies]
        next_position = await connection.scalar(
            update(threads)
            .where(threads.c.id == thread_id)
            .values(
                next_position=threads.c.next_position + len(bodies),
                active_leaf=ids[-1],
                updated_at=func.clock_timestamp(),
            )
            .returning(threads.c.next_position)
        )
        first = int(next_position or 0) - len(bodies)
        await connection.execute(
            insert(messages),
            [
                {
                    "thread_id": thread_id,
                    "id": ids[index],
                    "parent_id": ids[index - 1] if index else after,
                    "position": first + index,
                    "run_id": run_id,
                    "role": body["role"],
                    "body": body,
                    "text": searchable_text(body),
                }
                for index, body in enumerate(map(well_formed, bodies))
            ],
        )

    async def activate(
        self, connection: AsyncConnection, *, thread_id: UUID, message_id: UUID
    ) -> None:
        """Make ``message_id`` the last message of the active branch."""
        await connection.execute(
            update(threads)
            .where(threads.c.id == thread_id)
            .values(active_leaf=message_id, updated_at=func.clock_timestamp())
        )

    async def set_automatic_title(
        self, connection: AsyncConnection, *, thread_id: UUID, content: str
    ) -> None:
        """Derive the title of a thread without one from ``content``."""
        await connection.execute(
            update(threads)
            .where(threads.c.id == thread_id, threads.c.title.is_(None))
            .values(title=automatic_title(content))
        )


def searchable_text(body: Body) -> str:
    """Return the text for the search: the words of users and of answers.

    Tool results and reasoning are omitted: a search for the words of a conversation should not
    return every readiness report.
    """
    content = body.get("content")
    if body["role"] not in {"user", "assistant"} or not isinstance(content, str):
        return ""
    return content
