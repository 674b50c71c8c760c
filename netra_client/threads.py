"""Threads and their messages over HTTP, with iterators over the pages."""

from collections.abc import AsyncIterator
from typing import Any, Literal, TypeVar
from uuid import UUID, uuid4

from netra_client.errors import NetraClientError
from netra_client.http import HttpTransport, is_unauthenticated, parse
from netra_client.models import Message, Page, StoredRun, Thread
from netra_client.token_source import TokenSource

ItemType = TypeVar("ItemType")

PAGE_SIZE = 100  # half of the server's largest page


class ThreadsClient:
    """Speaks to ``/api/threads`` for the owner of the token source.

    Args:
        http: the transport to the platform's address; owned by the caller.
        tokens: where access tokens come from.

    Every method raises ``HttpRefused`` (``thread_not_found`` for a thread that does not exist
    or is not the caller's), ``ConnectionLost``, ``DeadlinePassed`` or ``SignedOut``. Every
    request may be repeated without harm, and is, after a failure that may pass.
    """

    def __init__(self, http: HttpTransport, tokens: TokenSource) -> None:
        self._http = http
        self._tokens = tokens

    def list(self, search: str | None = None) -> AsyncIterator[Thread]:
        """Iterate over the caller's threads, last used first; ``search`` filters by words.

        Each thread is returned once. One that is used meanwhile can be returned after the others.
        """
        query: dict[str, str | int] = {} if search is None else {"q": search}
        return _each_once(self._pages("/api/threads", query, Page[Thread]))

    async def create(self, title: str | None = None, *, thread_id: UUID | None = None) -> Thread:
        """Create a thread; with a ``thread_id`` used before, return the existing one."""
        # The id is always made here: it is what makes a repeated request harmless.
        body: dict[str, Any] = {"id": thread_id or uuid4()}
        if title is not None:
            body["title"] = title
        return parse(await self._send("POST", "/api/threads", body=body), Thread)

    async def get(self, thread_id: UUID) -> Thread:
        """Return one thread."""
        return parse(await self._send("GET", f"/api/threads/{thread_id}"), Thread)

    async def rename(self, thread_id: UUID, title: str) -> Thread:
        """Give a thread a title of one line."""
        body = {"title": title}
        return parse(await self._send("PATCH", f"/api/threads/{thread_id}", body=body), Thread)

    async def delete(self, thread_id: UUID) -> None:
        """Move a thread to the bin."""
        await self._send("DELETE", f"/api/threads/{thread_id}")

    def messages(self, thread_id: UUID, *, newest_first: bool = False) -> AsyncIterator[Message]:
        """Iterate over the active branch of a thread, oldest first unless asked otherwise."""
        order = "desc" if newest_first else "asc"
        return self._pages(f"/api/threads/{thread_id}/messages", {"order": order}, Page[Message])

    async def activate_branch(self, thread_id: UUID, message_id: UUID) -> None:
        """Make the newest branch through a message the active one, on every device.

        The neighbours of a message are in ``Message.siblings``. Raises ``HttpRefused`` with
        ``message_not_found``, or ``run_busy`` while the thread has an active run.
        """
        await self._send(
            "PUT", f"/api/threads/{thread_id}/branch", body={"messageId": str(message_id)}
        )

    async def delete_branch(self, thread_id: UUID, message_id: UUID) -> None:
        """Delete a message that has siblings, and all messages that follow it.

        Raises ``HttpRefused`` as ``activate_branch``, and ``last_branch`` without siblings. After
        a lost answer the request is repeated: ``message_not_found`` can mean that it is deleted.
        """
        await self._send("DELETE", f"/api/threads/{thread_id}/messages/{message_id}")

    async def export(self, thread_id: UUID, form: Literal["json", "markdown"] = "json") -> bytes:
        """Return a thread as a document, UTF-8.

        Args:
            thread_id: the thread.
            form: ``json`` has every branch (``messages`` with ``parentId``, ``activeBranch``) and
                ``runs`` with their decisions; ``markdown`` is the active branch for people.
        """
        return await self._send("GET", f"/api/threads/{thread_id}/export", query={"format": form})

    def runs(self, thread_id: UUID) -> AsyncIterator[StoredRun]:
        """Iterate over the runs of a thread, newest first."""
        return self._pages(f"/api/threads/{thread_id}/runs", {}, Page[StoredRun])

    async def _pages(
        self, path: str, query: dict[str, str | int], shape: type[Page[ItemType]]
    ) -> AsyncIterator[ItemType]:
        cursor: str | None = None
        while True:
            position = {} if cursor is None else {"cursor": cursor}
            content = await self._send("GET", path, query=query | position | {"limit": PAGE_SIZE})
            page = parse(content, shape)
            for item in page.items:
                yield item
            cursor = page.next_cursor
            if cursor is None:
                return

    async def _send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: dict[str, str | int] | None = None,
    ) -> bytes:
        token = await self._tokens.token()
        try:
            return await self._http.send(
                method, path, body=body, query=query, token=token, repeatable=True
            )
        except NetraClientError as error:
            if not (is_unauthenticated(error) and self._tokens.renewable):
                raise
        token = await self._tokens.token(not_this=token)
        return await self._http.send(
            method, path, body=body, query=query, token=token, repeatable=True
        )


async def _each_once(threads: AsyncIterator[Thread]) -> AsyncIterator[Thread]:
    """Yield the first of the threads with the same id: the server lists moved threads again."""
    seen: set[UUID] = set()
    async for thread in threads:
        if thread.id not in seen:
            seen.add(thread.id)
            yield thread
