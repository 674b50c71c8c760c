"""A reader of one thread: a bounded queue between the socket and the program."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from netra_client.after_reset import AfterReset, Showing
from netra_client.errors import NetraClientError
from netra_client.events import StreamItem, StreamReset, ThreadEvent
from netra_client.models import Message
from netra_client.resume import Position


@dataclass(frozen=True, slots=True)
class History:
    """What is stored of a thread.

    Attributes:
        messages: oldest first; answers of runs that have not ended are left out.
        ended_runs: whose answers ``messages`` has whole.
    """

    messages: tuple[Message, ...]
    ended_runs: frozenset[UUID]


LoadHistory = Callable[[UUID], Awaitable[History]]


@dataclass(frozen=True, slots=True)
class ResetMark:
    """A reset whose history is loaded when the reader gets there."""

    reason: str
    active_run_id: UUID | None
    position: Position


class ThreadStream:
    """Iterates over the events of one thread, in order, each exactly once.

    Args:
        thread_id: the thread.
        capacity: events kept for a reader that is behind. A full queue loses nothing: the
            client stops taking events and subscribes again, from the last one that it took,
            when half of the queue has been read. Readers of one thread advance together: the
            slowest sets the pace.
        load_history: returns what is stored, for a reset.
        on_room: called when half of a queue that was full has been read.
        on_wait: called when the reader starts to wait for an event.
        on_close: called when the reader is done.

    Iteration ends after ``aclose``; it raises what ended the client, or the refusal of the
    subscription (``thread_not_found``).
    """

    def __init__(
        self,
        thread_id: UUID,
        *,
        capacity: int,
        load_history: LoadHistory,
        on_room: Callable[[], None],
        on_wait: Callable[[], None],
        on_close: Callable[["ThreadStream"], None],
    ) -> None:
        self.thread_id = thread_id
        self.position: Position | None = None
        """The last event that the reader had; store it to continue after a restart."""
        self._capacity = capacity
        self._load_history = load_history
        self._on_room = on_room
        self._on_wait = on_wait
        self.is_waiting = False
        """Whether the reader waits for an event."""
        self._on_close = on_close
        self._after_reset = AfterReset()
        self._reason = ""  # of the latest reset
        self._joined: UUID | None = None
        self._items: deque[ThreadEvent | ResetMark] = deque()
        self._arrived = asyncio.Event()
        self._ended: NetraClientError | None = None
        self._closed = False

    def join(self, active_run_id: UUID | None) -> None:
        """Note that the reader starts while this run is active, without its first events perhaps.

        Then the reader gets a reset instead of a part of the answer (docs/protocol.md section 5).
        """
        self._joined = active_run_id

    @property
    def has_room(self) -> bool:
        """Whether one more event fits."""
        return len(self._items) < self._capacity

    @property
    def has_ample_room(self) -> bool:
        """Whether the reader has caught up enough for the flow to start again."""
        return len(self._items) <= self._capacity // 2

    def put(self, item: ThreadEvent | ResetMark) -> None:
        """Take an item; the caller has looked at ``has_room`` (a reset always fits)."""
        self._items.append(item)
        self._arrived.set()

    def fail(self, error: NetraClientError) -> None:
        """End the stream with ``error``, after what has arrived already."""
        self._ended = self._ended or error
        self._arrived.set()

    async def aclose(self) -> None:
        """Stop reading; the server stops sending when this was the thread's last reader."""
        if not self._closed:
            self._closed = True
            self._items.clear()
            self._arrived.set()
            self._on_close(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc_info: object) -> None:
        await self.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> StreamItem:
        while True:
            await self._wait_for_item()
            first = self._items[0]
            if isinstance(first, ResetMark):
                self._joined = None
                return await self._reset(first)
            if self._is_headless(first):
                before = Position(first.position.epoch, first.position.offset - 1)
                self._items.appendleft(ResetMark("trimmed", first.run_id, before))
                continue
            self._take()
            self.position = first.position
            match self._after_reset.judge(first):
                case Showing.SHOW:
                    return first
                case Showing.RELOAD:
                    self._items.appendleft(ResetMark(self._reason, None, first.position))
                case Showing.HIDE:
                    pass

    def _is_headless(self, first: ThreadEvent) -> bool:
        """Return whether the reader's first event is of a run whose start it does not have."""
        joined, self._joined = self._joined, None
        return first.run_id == joined and first.type != "RUN_STARTED"

    async def _wait_for_item(self) -> None:
        while not self._items:
            if self._closed:
                raise StopAsyncIteration
            if self._ended is not None:
                raise self._ended
            self._arrived.clear()
            self.is_waiting = True
            self._on_wait()
            try:
                await self._arrived.wait()
            finally:
                self.is_waiting = False

    async def _reset(self, mark: ResetMark) -> StreamReset:
        # The mark stays until its history is here: a failed request can be asked for again.
        history = await self._load_history(self.thread_id)
        if self._closed:
            raise StopAsyncIteration
        self._take()
        self.position = mark.position
        self._after_reset.start(history.ended_runs)
        self._reason = mark.reason
        return StreamReset(self.thread_id, mark.reason, mark.active_run_id, history.messages)

    def _take(self) -> None:
        self._items.popleft()
        if self.has_ample_room:
            self._on_room()
