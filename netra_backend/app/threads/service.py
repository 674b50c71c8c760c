"""Threads of a user: create, list, read, rename, delete, restore."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from netra_backend.app.db.tables import runs, threads
from netra_backend.app.db.transaction import transaction
from netra_backend.app.threads import queries
from netra_backend.app.threads.branches import BranchService, with_siblings
from netra_backend.app.threads.cursor import (
    ListingCursor,
    PositionCursor,
    TimeCursor,
    decode_listing_cursor,
    decode_position_cursor,
    decode_time_cursor,
    encode_cursor,
    next_place,
)
from netra_backend.app.threads.decisions import run_of
from netra_backend.app.threads.errors import ThreadDeleted, ThreadNotFound
from netra_backend.app.threads.export import ThreadExport
from netra_backend.app.threads.search import SearchGate, deadline_as_error, limit_statement
from netra_backend.app.threads.values import Page, Run, StoredMessage, Thread


class ThreadService:
    """The threads of all users, each visible to its owner alone.

    Every method takes the caller's id. A thread of another user raises ``ThreadNotFound``,
    exactly as one that never existed.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.branches = BranchService(engine)
        self._searches = SearchGate()

    async def may_access(self, *, user_id: UUID, thread_id: UUID) -> bool:
        """Return whether ``user_id`` may read and write the thread; false when it is deleted."""
        async with transaction(self._engine) as connection:
            found = await connection.scalar(
                select(threads.c.id).where(
                    threads.c.id == thread_id,
                    threads.c.owner_id == user_id,
                    threads.c.deleted_at.is_(None),
                )
            )
        return found is not None

    async def owner_of(self, thread_id: UUID) -> UUID | None:
        """Return whose the thread is, deleted or not; None when there is no such thread."""
        async with transaction(self._engine) as connection:
            owner_id: UUID | None = await connection.scalar(
                select(threads.c.owner_id).where(threads.c.id == thread_id)
            )
        return owner_id

    async def active_run(self, thread_id: UUID) -> UUID | None:
        """Return the run that holds the thread, if any. The caller has checked access."""
        async with transaction(self._engine) as connection:
            run_id: UUID | None = await connection.scalar(
                select(runs.c.id).where(runs.c.thread_id == thread_id, runs.c.released_at.is_(None))
            )
        return run_id

    async def create(
        self, *, user_id: UUID, thread_id: UUID, title: str | None
    ) -> tuple[Thread, bool]:
        """Create a thread, or return it unchanged when the caller created it before.

        Returns:
            The thread, and whether it is new.

        Raises:
            ThreadDeleted: the caller's own thread of that id is in the bin.
            ThreadNotFound: another user has a thread of that id.
        """
        async with transaction(self._engine) as connection:
            created = await connection.scalar(
                insert(threads)
                .values(id=thread_id, owner_id=user_id, title=title)
                .on_conflict_do_nothing(index_elements=["id"])
                .returning(threads.c.id)
            )
            thread = await _find(connection, user_id, thread_id)
        if thread.deleted_at is not None:
            raise ThreadDeleted("Restore the thread before using it again.")
        return thread, created is not None

    async def get(self, *, user_id: UUID, thread_id: UUID) -> Thread:
        """Return one thread.

        Raises:
            ThreadNotFound: also when it is deleted.
        """
        async with transaction(self._engine) as connection:
            return _present(await _find(connection, user_id, thread_id))

    async def list_threads(
        self,
        *,
        user_id: UUID,
        limit: int,
        cursor: str | None = None,
        search: str | None = None,
        deleted: bool = False,
    ) -> Page[Thread]:
        """List threads, last used first.

        A thread that is used while the pages are read moves to the start of the listing. After the
        last page the threads that moved are listed again, so that none is missed.

        Args:
            user_id: the caller.
            limit: rows of one page.
            cursor: ``next_cursor`` of the page before.
            search: words to find in titles and messages.
            deleted: list the bin instead.

        Raises:
            CursorInvalid: the cursor is not from this listing.
            SearchBusy: too many searches of the caller at the same time.
            SearchTooSlow: the search reached its deadline.
        """
        after = decode_listing_cursor(cursor) if cursor else None

        async def rows_after(place: ListingCursor | None, count: int) -> Sequence[Any]:
            statement = queries.thread_page(
                user_id, limit=count, after=place, search=search, deleted=deleted
            )
            if search is None:
                return await self._all(statement)
            async with self._searches.turn(user_id), transaction(self._engine) as connection:
                await limit_statement(connection)
                with deadline_as_error():
                    found: Sequence[Any] = (await connection.execute(statement)).mappings().all()
                return found

        rows = await rows_after(after, limit)
        found = [Thread(**row) for row in rows[:limit]]
        following = next_place(after, found, more=len(rows) > limit)
        if following is not None and following.at is None and not await rows_after(following, 1):
            following = None  # no thread has moved
        return Page(found, encode_cursor(following) if following else None)

    async def rename(self, *, user_id: UUID, thread_id: UUID, title: str) -> Thread:
        """Give the thread another title.

        Raises:
            ThreadNotFound: no such thread, or deleted.
        """
        async with transaction(self._engine) as connection:
            _present(await _find(connection, user_id, thread_id))
            await connection.execute(
                update(threads).where(threads.c.id == thread_id).values(title=title)
            )
            return await _find(connection, user_id, thread_id)

    async def delete(self, *, user_id: UUID, thread_id: UUID) -> None:
        """Move the thread to the bin and ask its active run to end; idempotent.

        Raises:
            ThreadNotFound: there is no such thread.
        """
        async with transaction(self._engine) as connection:
            await _find(connection, user_id, thread_id)
            await connection.execute(
                update(threads)
                .where(threads.c.id == thread_id, threads.c.deleted_at.is_(None))
                .values(deleted_at=func.now())
            )
            await connection.execute(
                update(runs)
                .where(
                    runs.c.thread_id == thread_id,
                    runs.c.released_at.is_(None),
                    runs.c.cancel_reason.is_(None),
                )
                .values(cancel_reason="thread_deleted")
            )

    async def restore(self, *, user_id: UUID, thread_id: UUID) -> Thread:
        """Take the thread out of the bin; idempotent.

        Raises:
            ThreadNotFound: there is no such thread.
        """
        async with transaction(self._engine) as connection:
            await _find(connection, user_id, thread_id)
            await connection.execute(
                update(threads).where(threads.c.id == thread_id).values(deleted_at=None)
            )
            return await _find(connection, user_id, thread_id)

    async def list_messages(
        self,
        *,
        user_id: UUID,
        thread_id: UUID,
        limit: int,
        cursor: str | None = None,
        order: queries.Order = "asc",
    ) -> Page[StoredMessage]:
        """List the messages of the active branch by position.

        Raises:
            CursorInvalid: the cursor is not from this listing.
            ThreadNotFound: no such thread, or deleted.
        """
        after = decode_position_cursor(cursor) if cursor else None
        await self.get(user_id=user_id, thread_id=thread_id)
        statement = queries.message_page(user_id, thread_id, limit=limit, after=after, order=order)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(statement)).mappings().all()
            page = [StoredMessage(**row) for row in rows[:limit]]
            found = await with_siblings(connection, thread_id, page)
        last = PositionCursor(found[-1].position) if len(rows) > limit else None
        return Page(found, encode_cursor(last) if last else None)

    async def list_runs(
        self, *, user_id: UUID, thread_id: UUID, limit: int, cursor: str | None = None
    ) -> Page[Run]:
        """List the runs of a thread, newest first.

        Raises:
            CursorInvalid: the cursor is not from this listing.
            ThreadNotFound: no such thread, or deleted.
        """
        after = decode_time_cursor(cursor) if cursor else None
        await self.get(user_id=user_id, thread_id=thread_id)
        rows = await self._all(queries.run_page(user_id, thread_id, limit=limit, after=after))
        found = [run_of(row) for row in rows[:limit]]
        last = TimeCursor(found[-1].created_at, found[-1].id) if len(rows) > limit else None
        return Page(found, encode_cursor(last) if last else None)

    async def export(self, *, user_id: UUID, thread_id: UUID) -> ThreadExport:
        """Return the export of a thread, with every branch and decision.

        Raises:
            ThreadNotFound: no such thread, or deleted.
        """
        return ThreadExport(self._engine, await self.get(user_id=user_id, thread_id=thread_id))

    async def _all(self, statement: Any) -> Sequence[Any]:
        async with transaction(self._engine) as connection:
            return (await connection.execute(statement)).mappings().all()


async def _find(connection: AsyncConnection, user_id: UUID, thread_id: UUID) -> Thread:
    row = (await connection.execute(queries.one_thread(user_id, thread_id))).mappings().first()
    if row is None:
        raise ThreadNotFound("There is no such thread.")
    return Thread(**row)


def _present(thread: Thread) -> Thread:
    if thread.deleted_at is not None:
        raise ThreadNotFound("There is no such thread.")
    return thread
