"""A thread as a document: JSON with every branch, Markdown with the active one.

Both contain what a person decided about calls that asked for approval. The document is produced
page by page, so that its memory does not grow with the thread.
"""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from netra_backend.app.db.transaction import transaction
from netra_backend.app.threads import queries
from netra_backend.app.threads.branches import with_siblings
from netra_backend.app.threads.cursor import PositionCursor, TimeCursor
from netra_backend.app.threads.decisions import run_of
from netra_backend.app.threads.markdown_export import heading_of, markdown_of
from netra_backend.app.threads.schemas import RunOut, ThreadOut
from netra_backend.app.threads.values import Decision, Run, StoredMessage, Thread

Format = Literal["json", "markdown"]
VERSION = 1
PAGE = 200

MEDIA_TYPES: dict[Format, str] = {
    "json": "application/json",
    "markdown": "text/markdown; charset=utf-8",
}
EXTENSIONS: dict[Format, str] = {"json": "json", "markdown": "md"}


class ThreadExport:
    """Exports one thread, whose access the caller has checked.

    Args:
        engine: the database.
        thread: what ``ThreadService.get`` returned.
    """

    def __init__(self, engine: AsyncEngine, thread: Thread) -> None:
        self._engine = engine
        self._thread = thread

    def chunks(self, form: Format) -> AsyncIterator[str]:
        """Return the document in parts."""
        return self._json() if form == "json" else self._markdown()

    async def _json(self) -> AsyncIterator[str]:
        """Yield ``{format, version, thread, activeBranch, runs, messages}``.

        ``activeBranch`` are the ids of its messages, oldest first; ``messages`` are those of all
        branches, each with its ``parentId``.
        """
        thread = ThreadOut.of(self._thread).model_dump_json(by_alias=True)
        yield f'{{"format":"netra.thread","version":{VERSION},"thread":{thread},"activeBranch":['
        comma = ""
        async for page in self._branch():
            for message in page:
                yield f'{comma}"{message.id}"'
                comma = ","
        yield '],"runs":['
        comma = ""
        async for run in self._runs():
            yield comma + RunOut.of(run).model_dump_json(by_alias=True)
            comma = ","
        yield '],"messages":['
        comma = ""
        async for page in self._pages(everything=True):
            for message in page:
                yield comma + json.dumps(_json_of(message), ensure_ascii=False)
                comma = ","
        yield "]}\n"

    async def _markdown(self) -> AsyncIterator[str]:
        decisions: dict[str, Decision] = {}
        async for run in self._runs():
            for decision in run.decisions or ():
                if decision.tool_call_id is not None:
                    decisions[decision.tool_call_id] = decision
        yield heading_of(self._thread)
        async for page in self._branch():
            async with transaction(self._engine) as connection:
                shown = await with_siblings(connection, self._thread.id, page)
            for message in shown:
                yield markdown_of(message, decisions)

    def _branch(self) -> AsyncIterator[Sequence[StoredMessage]]:
        return self._pages(everything=False)

    async def _pages(self, *, everything: bool) -> AsyncIterator[Sequence[StoredMessage]]:
        after: PositionCursor | None = None
        owner, thread = self._thread.owner_id, self._thread.id
        select = queries.all_messages if everything else queries.branch_messages
        while True:
            async with transaction(self._engine) as connection:
                rows = await connection.execute(select(owner, thread, limit=PAGE, after=after))
                found = [StoredMessage(**row) for row in rows.mappings()]
            yield found[:PAGE]
            if len(found) <= PAGE:
                return
            after = PositionCursor(found[PAGE - 1].position)

    async def _runs(self) -> AsyncIterator[Run]:
        """Yield the runs, newest first."""
        after: TimeCursor | None = None
        owner, thread = self._thread.owner_id, self._thread.id
        while True:
            async with transaction(self._engine) as connection:
                statement = queries.run_page(owner, thread, limit=PAGE, after=after)
                rows = (await connection.execute(statement)).mappings().all()
            for row in rows[:PAGE]:
                yield run_of(row)
            if len(rows) <= PAGE:
                return
            after = TimeCursor(rows[PAGE - 1]["created_at"], rows[PAGE - 1]["id"])


def file_name(thread_id: UUID, form: Format) -> str:
    """Return the name under which a browser stores the document."""
    return f"netra-{thread_id}.{EXTENSIONS[form]}"


def _json_of(message: StoredMessage) -> dict[str, Any]:
    return {
        **message.body,
        "runId": _text(message.run_id),
        "parentId": _text(message.parent_id),
        "createdAt": _time(message.created_at),
    }


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
