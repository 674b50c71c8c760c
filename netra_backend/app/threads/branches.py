"""Branches of a thread: siblings of messages, switching, and deletion."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from netra_backend.app.db.branches import descendants, newest_leaf, same_parent
from netra_backend.app.db.tables import messages, runs, threads
from netra_backend.app.db.transaction import transaction
from netra_backend.app.threads.errors import LastBranch
from netra_backend.app.threads.messages import MessageWriter
from netra_backend.app.threads.queries import sibling_ids
from netra_backend.app.threads.values import Siblings, StoredMessage
from netra_shared.errors import MessageNotFound, RunBusy


class BranchService:
    """Switches and deletes branches; every method takes the caller's id."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = MessageWriter()

    async def activate(self, *, user_id: UUID, thread_id: UUID, message_id: UUID) -> None:
        """Make the newest branch through a message the active one; idempotent.

        Raises:
            ThreadNotFound: the user has no such thread, or it is deleted.
            MessageNotFound: the thread has no such message.
            RunBusy: the thread has an active run.
        """
        async with transaction(self._engine) as connection:
            await self._writer.lock(connection, thread_id=thread_id, owner_id=user_id)
            await _require_idle(connection, thread_id)
            leaf = await connection.scalar(select(newest_leaf(thread_id, message_id)))
            if leaf is None:
                raise MessageNotFound("There is no such message in this thread.")
            await _set_leaf(connection, thread_id, leaf)

    async def delete(self, *, user_id: UUID, thread_id: UUID, message_id: UUID) -> None:
        """Delete a message and all messages that follow it.

        When they contain the end of the active branch, the newest sibling's branch is activated.

        Raises:
            ThreadNotFound, MessageNotFound, RunBusy: as ``activate``.
            LastBranch: the message has no sibling.
        """
        async with transaction(self._engine) as connection:
            await self._writer.lock(connection, thread_id=thread_id, owner_id=user_id)
            await _require_idle(connection, thread_id)
            sibling = await _newest_sibling(connection, thread_id, message_id)
            tree = select(descendants(thread_id, message_id).c.id)
            doomed = list((await connection.execute(tree)).scalars())
            await connection.execute(
                delete(messages).where(messages.c.thread_id == thread_id, messages.c.id.in_(doomed))
            )
            leaf = await connection.scalar(
                select(threads.c.active_leaf).where(threads.c.id == thread_id)
            )
            if leaf is None or leaf in doomed:
                present = await connection.scalar(select(newest_leaf(thread_id, sibling)))
                await _set_leaf(connection, thread_id, present)


async def with_siblings(
    connection: AsyncConnection, thread_id: UUID, page: Sequence[StoredMessage]
) -> list[StoredMessage]:
    """Return the messages with their siblings."""
    parents = {message.parent_id for message in page}
    by_parent: defaultdict[UUID | None, list[UUID]] = defaultdict(list)
    for parent_id, message_id in await connection.execute(sibling_ids(thread_id, parents)):
        by_parent[parent_id].append(message_id)
    return [
        replace(message, siblings=siblings_of(message.id, by_parent[message.parent_id]))
        for message in page
    ]


def siblings_of(message_id: UUID, same: Sequence[UUID]) -> Siblings:
    """Return the place of a message among those with its parent, oldest first."""
    index = same.index(message_id)
    return Siblings(
        index=index,
        count=len(same),
        previous=same[index - 1] if index else None,
        next=same[index + 1] if index + 1 < len(same) else None,
    )


async def _newest_sibling(connection: AsyncConnection, thread_id: UUID, message_id: UUID) -> UUID:
    found = (
        await connection.execute(
            select(messages.c.parent_id).where(
                messages.c.thread_id == thread_id, messages.c.id == message_id
            )
        )
    ).first()
    if found is None:
        raise MessageNotFound("There is no such message in this thread.")
    sibling: UUID | None = await connection.scalar(
        select(messages.c.id)
        .where(
            messages.c.thread_id == thread_id,
            messages.c.id != message_id,
            same_parent(found.parent_id),
        )
        .order_by(messages.c.position.desc())
        .limit(1)
    )
    if sibling is None:
        raise LastBranch("The message has no other branch; delete the thread instead.")
    return sibling


async def _require_idle(connection: AsyncConnection, thread_id: UUID) -> None:
    run_id = await connection.scalar(
        select(runs.c.id).where(runs.c.thread_id == thread_id, runs.c.released_at.is_(None))
    )
    if run_id is not None:
        raise RunBusy("Wait for the active run, or cancel it.", run_id=str(run_id))


async def _set_leaf(connection: AsyncConnection, thread_id: UUID, leaf: UUID | None) -> None:
    await connection.execute(
        update(threads).where(threads.c.id == thread_id).values(active_leaf=leaf)
    )
