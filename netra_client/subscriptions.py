"""Which threads are read, which the server knows about, and where their events go.

The table is what should be; the keeper's reconciler makes it so on the present connection. All
methods run in the event loop and never wait.
"""

import asyncio
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from netra_client.errors import NetraClientError
from netra_client.events import ThreadEvent
from netra_client.resume import Cursor, Position, Subscribed, Verdict
from netra_client.slots import Slots
from netra_client.stream import LoadHistory, ResetMark, ThreadStream
from netra_client.wire import EventParams, JsonObject

# Before ``initialize`` says otherwise (SOCKETS__MAX_SUBSCRIPTIONS).
DEFAULT_LIMIT = 100


def _now() -> float:
    return asyncio.get_running_loop().time()


@dataclass(slots=True)
class Entry:
    """One thread.

    ``paused``: a reader's queue is full, so nothing may be subscribed. ``released``: its
    subscription was given to another thread. ``active_run_id``: the run whose events arrive, or
    the server's answer. ``asked``: since when it waits for one, seconds of
    the loop's clock.
    """

    thread_id: UUID
    cursor: Cursor
    # Weak: a reader that is dropped without ``aclose`` must not fill its queue forever and
    # hold up the thread's other readers.
    streams: "weakref.WeakSet[ThreadStream]" = field(default_factory=weakref.WeakSet)
    paused: bool = False
    released: bool = False
    active_run_id: UUID | None = None
    asked: float = field(default_factory=_now)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    refused: NetraClientError | None = None

    async def wait_for_answer(self) -> None:
        """Wait for the server's answer to the subscription; raises its refusal."""
        await self.answered.wait()
        if self.refused is not None:
            raise self.refused

    @property
    def has_waiting_reader(self) -> bool:
        """Whether a reader waits for an event."""
        return any(stream.is_waiting for stream in self.streams)

    @property
    def is_wanted(self) -> bool:
        """Whether the server must be asked for the thread."""
        due = not self.released or self.has_waiting_reader
        return due and not self.cursor.live and not self.paused

    def params(self) -> JsonObject:
        """Return the parameters of ``thread.subscribe``."""
        position = self.cursor.request
        if position is None:
            return {"threadId": self.thread_id}
        return {
            "threadId": self.thread_id,
            "position": {"epoch": position.epoch, "offset": position.offset},
        }


class SubscriptionTable:
    """The threads that are read.

    Args:
        capacity: events that one reader may be behind.
        load_history: returns a thread's stored messages, oldest first.
    """

    def __init__(self, *, capacity: int, load_history: LoadHistory) -> None:
        self.changed = asyncio.Event()
        """Set when the server must be notified; the reconciler clears it."""
        self._capacity = capacity
        self._load_history = load_history
        self._entries: dict[UUID, Entry] = {}
        self._to_leave: set[UUID] = set()
        self.slots = Slots(DEFAULT_LIMIT, self._is_idle)
        """Which threads have a subscription on the present connection."""

    def open(self, thread_id: UUID, position: Position | None) -> tuple[Entry, ThreadStream]:
        """Add a reader; ``position`` counts only when it is the thread's first."""
        entry = self._entries.get(thread_id)
        if entry is None or not entry.streams:  # the last reader was dropped without ``aclose``
            entry = self._entries[thread_id] = Entry(thread_id, Cursor(position))
            self._to_leave.discard(thread_id)
            self.changed.set()
        stream = ThreadStream(
            thread_id,
            capacity=self._capacity,
            load_history=self._load_history,
            on_room=lambda: self._make_room(entry),
            on_wait=lambda: self._wait(entry),
            on_close=lambda closed: self._close(entry, closed),
        )
        entry.streams.add(stream)
        if entry.cursor.position is not None and position is None:
            stream.join(entry.active_run_id)
        return entry, stream

    def wanted(self) -> Iterator[Entry]:
        """Yield the threads that the server must be asked for, longest wait first."""
        for entry in sorted(self._entries.values(), key=lambda entry: entry.asked):
            if entry.is_wanted:
                yield entry

    def unwanted(self) -> Iterator[UUID]:
        """Yield the threads that the server need not send any more, until ``left`` is called."""
        yield from tuple(self._to_leave)

    def left(self, thread_id: UUID) -> None:
        """Note that the server sends nothing more of the thread."""
        self._to_leave.discard(thread_id)
        self.slots.release(thread_id)

    def release(self, thread_id: UUID) -> None:
        """Note that the thread's subscription ended in favour of another thread."""
        self.slots.release(thread_id)
        if entry := self._entries.get(thread_id):
            entry.released = True
            entry.asked = _now()
            entry.cursor.detach()

    def answered(self, thread_id: UUID, answer: Subscribed | NetraClientError) -> None:
        """Take the server's answer to a subscription."""
        entry = self._entries.get(thread_id)
        if entry is None:
            return
        if isinstance(answer, NetraClientError):
            if answer.code == "too_many_subscriptions" and len(self.slots):
                self.slots.refused()  # the thread waits for its turn
                self.changed.set()
                return
            self._refuse(entry, answer)
            return
        entry.released = False
        self.slots.take(thread_id, _now())
        is_first = entry.cursor.position is None
        reason = entry.cursor.subscribed(answer)
        entry.active_run_id = answer.active_run_id
        for stream in entry.streams:
            if is_first:
                stream.join(answer.active_run_id)
            if reason is not None:
                stream.put(ResetMark(reason, answer.active_run_id, answer.position))
            elif stream.position is None:
                stream.position = entry.cursor.position
        entry.answered.set()

    def deliver(self, params: EventParams) -> None:
        """Hand an event to the thread's readers: to all of them or, without room, to none."""
        entry = self._entries.get(params.thread_id)
        if entry is None:
            return
        if not entry.streams:
            self._forget(entry)
            return
        verdict = entry.cursor.offer(params.epoch, params.offset)
        if verdict is Verdict.GAP:
            self.changed.set()
        if verdict is not Verdict.DELIVER:
            return
        if not all(stream.has_room for stream in entry.streams):
            entry.paused = True
            entry.cursor.detach()
            return
        self.slots.use(params.thread_id, _now())
        position = Position(params.epoch, params.offset)
        event = ThreadEvent(params.thread_id, params.run_id, position, params.event)
        if event.type == "RUN_STARTED" or event.is_terminal:
            entry.active_run_id = None if event.is_terminal else params.run_id
        for stream in entry.streams:
            stream.put(event)
        entry.cursor.delivered(params.epoch, params.offset)

    def detach_all(self) -> None:
        """Note that the connection is gone."""
        self._to_leave.clear()
        self.slots.release_all()
        for entry in self._entries.values():
            entry.cursor.detach()

    def fail_all(self, error: NetraClientError) -> None:
        """End every reader."""
        for entry in tuple(self._entries.values()):
            self._refuse(entry, error)

    def _make_room(self, entry: Entry) -> None:
        if entry.paused and all(stream.has_ample_room for stream in entry.streams):
            entry.paused = False
            self.changed.set()

    def _wait(self, entry: Entry) -> None:
        if entry.released:
            self.changed.set()

    def _is_idle(self, thread_id: UUID) -> bool:
        entry = self._entries.get(thread_id)
        return entry is None or not entry.has_waiting_reader

    def _close(self, entry: Entry, stream: ThreadStream) -> None:
        entry.streams.discard(stream)
        if not entry.streams:
            self._forget(entry)
        else:
            self._make_room(entry)

    def _forget(self, entry: Entry) -> None:
        if self._entries.get(entry.thread_id) is entry:
            del self._entries[entry.thread_id]
            self._to_leave.add(entry.thread_id)
            self.changed.set()

    def _refuse(self, entry: Entry, error: NetraClientError) -> None:
        if self._entries.get(entry.thread_id) is entry:
            del self._entries[entry.thread_id]
        entry.refused = error
        entry.answered.set()
        for stream in entry.streams:
            stream.fail(error)
