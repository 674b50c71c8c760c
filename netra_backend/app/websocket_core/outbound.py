"""One connection's outbound queue: bounded, in order, never blocking its producers."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

Send = Callable[[str], Awaitable[None]]


class OutboundQueue:
    """Frames on their way to one client.

    Args:
        max_frames: bound by number.
        max_size: bound by the sum of the frames' lengths.
        on_overflow: called once when a frame did not fit; what is queued is dropped then, since
            the connection is about to be closed and the client resumes from its position.
    """

    def __init__(self, *, max_frames: int, max_size: int, on_overflow: Callable[[], None]) -> None:
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
        if len(self._frames) >= self._max_frames or self._size + len(frame) > self._max_size:
            self._overflowed = True
            self._frames.clear()
            self._size = 0
            self._drained.set()
            self._on_overflow()
            return
        self._frames.append(frame)
        self._size += len(frame)
        self._filled.set()
        self._empty.clear()
        # Catching up leaves half of the queue to what arrives live and to answers.
        if len(self._frames) * 2 >= self._max_frames or self._size * 2 >= self._max_size:
            self._drained.clear()

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
                self._size -= len(frame)
                await send(frame)
                if len(self._frames) * 2 < self._max_frames and self._size * 2 < self._max_size:
                    self._drained.set()
            self._filled.clear()
            self._empty.set()
