"""One connection's outbound queue: bounded, in order, never blocking its producers."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

Send = Callable[[str], Awaitable[None]]


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
        max_frames: bound by number.
        max_size: bound by the sum of the frames' lengths.
        on_overflow: called once when a frame did not fit; what is queued is dropped then, since
            the connection is about to be closed and the client resumes from its position.
        budget: shared by all queues of the instance.
    """

    def __init__(
        self,
        *,
        max_frames: int,
        max_size: int,
        on_overflow: Callable[[], None],
        budget: OutboundBudget,
    ) -> None:
        self._budget = budget
        budget.queues += 1
        self._frames: deque[str] = deque()
        self._size = 0
        self._max_frames = max_frames
        self._max_size = max_size
        self._on_overflow = on_overflow
        self._overflowed = False
        self._sending = False
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()  # set while there is room for catching up
        self._empty = asyncio.Event()
        self._drained.set()
        self._empty.set()

    def __len__(self) -> int:
        return len(self._frames)

    def put(self, frame: str) -> None:
        """Queue ``frame`` without waiting."""
        if self._overflowed:
            return
        if (
            len(self._frames) >= self._max_frames
            or self._size + len(frame) > self._max_size
            or self._budget.refuses(self._size, len(frame))
        ):
            self._overflowed = True
            self._clear()
            self._drained.set()
            self._on_overflow()
            return
        self._frames.append(frame)
        self._account(len(frame))
        self._filled.set()
        self._empty.clear()
        # Catching up leaves half of the queue to what arrives live and to answers.
        if len(self._frames) * 2 >= self._max_frames or self._size * 2 >= self._max_size:
            self._drained.clear()

    def close(self) -> None:
        """Drop what is queued and leave the budget; call once, when the connection has ended."""
        self._overflowed = True
        self._clear()
        self._budget.queues -= 1

    def _account(self, change: int) -> None:
        self._size += change
        self._budget.used += change

    def _clear(self) -> None:
        self._frames.clear()
        self._account(-self._size)

    async def room(self) -> None:
        """Return when less than half of the queue is used."""
        await self._drained.wait()

    async def emptied(self) -> None:
        """Return when everything queued has been handed to the transport."""
        await self._empty.wait()

    async def run(self, send: Send) -> None:
        """Send frames in order until cancelled; ``send`` may block on a slow client."""
        while True:
            await self._filled.wait()
            while self._frames:
                frame = self._frames.popleft()
                self._account(-len(frame))
                await send(frame)
                if len(self._frames) * 2 < self._max_frames and self._size * 2 < self._max_size:
                    self._drained.set()
            self._filled.clear()
            self._empty.set()
