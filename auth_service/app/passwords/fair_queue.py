"""A bounded queue that is shared fairly between clients, as a pure data structure.

Each client has a lane. Lanes are served in turn, those of familiar clients first. A full queue
displaces the newest item of the longest lane, so one client cannot fill it for the others.
"""

from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")

Lanes = OrderedDict[str, deque[ItemT]]


class FairQueue(Generic[ItemT]):
    """Items by client, in two classes.

    Args:
        limit: items that may wait.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._familiar: Lanes[ItemT] = OrderedDict()
        self._others: Lanes[ItemT] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._lanes()))

    def push(self, item: ItemT, client: str, *, familiar: bool) -> ItemT | None:
        """Add ``item``; return the item that was refused instead, possibly ``item`` itself."""
        lanes = self._familiar if familiar else self._others
        refused = None
        if len(self) >= self._limit:
            refused = self._displaced(waiting=len(lanes.get(client, ())), familiar=familiar)
            if refused is None:
                return item
        lanes.setdefault(client, deque()).append(item)
        return refused

    def pop(self) -> ItemT | None:
        """Remove and return the next item; ``None`` when the queue is empty."""
        for lanes in (self._familiar, self._others):
            if lanes:
                client, lane = next(iter(lanes.items()))
                item = lane.popleft()
                lanes.move_to_end(client)
                if not lane:
                    del lanes[client]
                return item
        return None

    def discard(self, item: ItemT) -> bool:
        """Remove ``item``; return whether it was waiting."""
        for lanes in (self._familiar, self._others):
            for client, lane in lanes.items():
                if item in lane:
                    lane.remove(item)
                    if not lane:
                        del lanes[client]
                    return True
        return False

    def _displaced(self, *, waiting: int, familiar: bool) -> ItemT | None:
        """Remove and return the item to refuse for a newcomer with ``waiting`` items.

        A familiar newcomer displaces any other client. Between equals the longest lane gives way
        if it stays at least as long as the newcomer's.
        """
        if familiar and self._others:
            return _newest_of_longest(self._others)
        lanes = self._familiar if familiar else self._others
        if lanes and max(map(len, lanes.values())) > waiting + 1:
            return _newest_of_longest(lanes)
        return None

    def _lanes(self) -> Iterator[deque[ItemT]]:
        yield from self._familiar.values()
        yield from self._others.values()


def _newest_of_longest(lanes: Lanes[ItemT]) -> ItemT:
    client = max(lanes, key=lambda name: len(lanes[name]))
    item = lanes[client].pop()
    if not lanes[client]:
        del lanes[client]
    return item
