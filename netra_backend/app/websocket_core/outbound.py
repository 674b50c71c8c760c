"""One connection's outbound queue: bounded, in order, never blocking its producers.

While the client reads, a frame goes straight to the transport and nothing is queued. What the
transport does not want yet waits here until it is writable again.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from netra_backend.app.transport.frames import WireFrame
from netra_backend.app.transport.gateway_socket import Writer


class OutboundBudget:
    """What all queues of an instance may hold together.

    A thousand readers that stall at once stay far below their own bounds and would still take
    all memory. When the whole is full, a queue with more than its fair share overflows; a reader
    that keeps up never holds that much.

    Args:
        limit: sum of the queued frames' lengths. A frame that is queued for many connections is
            kept once but counted for each.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.used = 0
        self.queues = 0

    def refuses(self, held: int, size: int) -> bool:
        """Return whether a queue that holds ``held`` must not take ``size`` more."""
        full = self.used + size > self._limit
        return full and (held + size) * max(1, self.queues) > self._limit


class OutboundQueue:
    """Frames on their way to one client.

    Args:
        writer: the transport.
        max_frames: bound by number.
        max_size: bound by the sum of the frames' bytes.
        on_overflow: called once when a frame did not fit; what is queued is dropped then, since
            the connection is about to be closed and the client resumes from its position.
        budget: shared by all queues of the instance.
    """

    __slots__ = (
        "_budget", "_frames", "_max_frames", "_max_size", "_moved", "_on_overflow", "_overflowed",
        "_size", "_time", "_writer", "delivered_at", "taken",
    )  # fmt: skip

    def __init__(
        self,
        writer: Writer,
        *,
        max_frames: int,
        max_size: int,
        on_overflow: Callable[[], None],
        budget: OutboundBudget,
    ) -> None:
        self._budget = budget
        budget.queues += 1
        self._writer = writer
        self._time = asyncio.get_running_loop().time
        self.delivered_at = 0.0  # the latest event's time on the loop's clock
        self.taken = 0  # frames of all kinds, whatever became of them
        # Made when the client first lags: an empty deque takes 600 bytes on each idle socket.
        self._frames: deque[WireFrame] | None = None
        self._size = 0
        self._max_frames = max_frames
        self._max_size = max_size
        self._on_overflow = on_overflow
        self._overflowed = False
        self._moved: asyncio.Event | None = None  # made for who waits; most connections never do

    def __len__(self) -> int:
        return len(self._frames or ())

    def put(self, frame: WireFrame) -> None:
        """Send or queue ``frame`` without waiting."""
        self.taken += 1
        writer = self._writer
        if not self._frames and writer.writable and not self._overflowed:
            writer.write(frame)
        else:
            self._queue(frame)

    def deliver(self, frame: WireFrame) -> None:
        """Send or queue an event's frame and note when.

        The body of ``put`` again: a broadcast to a thousand readers calls this for each, and what
        it costs is the objects and calls on the way.
        """
        self.delivered_at = self._time()
        self.taken += 1
        writer = self._writer
        if not self._frames and writer.writable and not self._overflowed:
            writer.write(frame)
        else:
            self._queue(frame)

    def when_delivered(self) -> float:
        """Return when the latest event was delivered, on the loop's clock; 0 for never."""
        return self.delivered_at

    def flush(self) -> None:
        """Hand on what the transport takes; called when it is writable again."""
        frames, writer = self._frames, self._writer
        while frames and writer.writable:
            frame = frames.popleft()
            self._account(-len(frame))
            writer.write(frame)
        self._notify()

    async def room(self) -> None:
        """Return when less than half of the queue is used.

        Catching up leaves the other half to what arrives live and to answers.
        """
        while not self._overflowed and (
            len(self) * 2 >= self._max_frames or self._size * 2 >= self._max_size
        ):
            await self._move()

    async def emptied(self) -> None:
        """Return when everything queued has been handed to the transport."""
        while self._frames:
            await self._move()

    def close(self) -> None:
        """Drop what is queued and leave the budget; call once, when the connection has ended."""
        self._overflowed = True
        self._clear()
        self._budget.queues -= 1

    def _queue(self, frame: WireFrame) -> None:
        if self._overflowed:
            return
        if (
            len(self) >= self._max_frames
            or self._size + len(frame) > self._max_size
            or self._budget.refuses(self._size, len(frame))
        ):
            self._overflowed = True
            self._clear()
            self._notify()
            self._on_overflow()
            return
        if self._frames is None:
            self._frames = deque()
        self._frames.append(frame)
        self._account(len(frame))

    def _account(self, change: int) -> None:
        self._size += change
        self._budget.used += change

    def _clear(self) -> None:
        self._frames = None
        self._account(-self._size)

    async def _move(self) -> None:
        if self._moved is None:
            self._moved = asyncio.Event()
        self._moved.clear()
        await self._moved.wait()

    def _notify(self) -> None:
        if self._moved is not None:
            self._moved.set()
