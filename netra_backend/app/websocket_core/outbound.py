"""One connection's outbound queue: bounded, in order, never blocks its producers.

While the transport is writable, frames go directly to it. Otherwise they wait in the queue until
it is writable again.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from netra_backend.app.transport.frames import WireFrame
from netra_backend.app.transport.gateway_socket import Writer


class OutboundBudget:
    """The shared byte budget of all outbound queues of an instance.

    A thousand clients that stop reading together can take all memory although each queue is below
    its own limit. When the budget is exhausted, a queue with more than its fair share overflows;
    the queue of a client that reads fast enough stays below that share.

    Args:
        limit: largest sum of the lengths of queued frames. A frame that is queued for several
            connections is stored once but counted for each.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.used = 0
        self.queues = 0

    def refuses(self, held: int, size: int) -> bool:
        """Return whether a queue of ``held`` bytes must not take ``size`` more."""
        full = self.used + size > self._limit
        return full and (held + size) * max(1, self.queues) > self._limit


class OutboundQueue:
    """The frames that wait for one client.

    Args:
        writer: the transport.
        max_frames: largest number of queued frames.
        max_size: largest number of queued bytes.
        on_overflow: called once when a frame does not fit. The queue is then dropped, because
            the connection is being closed and the client resumes from its position.
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
        self.taken = 0  # number of accepted frames of all kinds
        # Created when the client first lags: an empty deque takes 600 bytes per connection.
        self._frames: deque[WireFrame] | None = None
        self._size = 0
        self._max_frames = max_frames
        self._max_size = max_size
        self._on_overflow = on_overflow
        self._overflowed = False
        self._moved: asyncio.Event | None = None  # created on demand; most connections need none

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
        """Send or queue the frame of an event and record the time.

        Repeats the body of ``put``: a broadcast to a thousand connections calls this for each,
        and the cost is dominated by calls and objects.
        """
        self.delivered_at = self._time()
        self.taken += 1
        writer = self._writer
        if not self._frames and writer.writable and not self._overflowed:
            writer.write(frame)
        else:
            self._queue(frame)

    def when_delivered(self) -> float:
        """Return the time of the latest event on the loop's clock; 0: none yet."""
        return self.delivered_at

    def flush(self) -> None:
        """Pass queued frames to the transport while it is writable."""
        frames, writer = self._frames, self._writer
        while frames and writer.writable:
            frame = frames.popleft()
            self._account(-len(frame))
            writer.write(frame)
        self._notify()

    async def room(self) -> None:
        """Return when less than half of the queue is used.

        A catch-up leaves the other half to live events and answers.
        """
        while not self._overflowed and (
            len(self) * 2 >= self._max_frames or self._size * 2 >= self._max_size
        ):
            await self._move()

    async def emptied(self) -> None:
        """Return when all queued frames have been passed to the transport."""
        while self._frames:
            await self._move()

    def close(self) -> None:
        """Drop the queue and leave the budget; call once, when the connection has ended."""
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
