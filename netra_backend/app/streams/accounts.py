"""Bounds the memory of streams by account, and shares a nearly full store fairly.

An account is bounded over all of its threads, because a bound by stream alone allows as many
streams as an account has runs. When the streams of all accounts take more than their part of the
store, the largest accounts shrink to one level and the others keep all they have (max-min
fairness). Entries are written behind: an append never waits for them.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from netra_backend.app.streams.function_calls import call_function, unavailable
from netra_backend.app.streams.limits import StreamLimits
from netra_backend.app.streams.metrics import SHRUNK_STREAMS
from netra_backend.app.streams.store import StreamSize
from netra_shared.errors import NetraError
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.runtime.task_end import end_tasks

_log = get_logger(__name__)

LIBRARY = Path(__file__).with_name("accounts.lua").read_text()
KEYS = [f"netra:{{stream-accounts}}:{name}" for name in ("totals", "sizes", "expiry", "sum")]
BATCH = 256  # streams in one call
MAX_KNOWN = 10_000  # owners that are kept; a thread never changes its owner


class ThreadOwners(Protocol):
    """Finds whose a thread is."""

    async def owner_of(self, thread_id: UUID) -> UUID | None:
        """Return the account; None when there is no such thread.

        Raises:
            NetraError: it cannot be found out now.
        """
        ...


class ShrinkingStore(Protocol):
    """A store whose streams can shrink."""

    async def shrink(self, thread_id: UUID, max_bytes: int) -> StreamSize:
        """Trim a stream to ``max_bytes`` and return what it takes then."""
        ...


class StreamAccounts:
    """The memory of streams by account.

    Args:
        client: returns bytes; owned by the caller.
        limits: the bounds.
        owners: whose a thread is; None where streams have no account, as in a benchmark.
    """

    def __init__(self, client: Redis, limits: StreamLimits, owners: ThreadOwners | None) -> None:
        self._client = client
        self._limits = limits
        self._owners = owners
        self._known: dict[UUID, UUID] = {}
        self._pending: dict[UUID, StreamSize] = {}  # the latest size of a thread replaces others
        self._noted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def note(self, thread_id: UUID, size: StreamSize) -> None:
        """Note what a stream takes now; it is entered within ``account_entry_seconds``."""
        if self._owners is not None:
            self._pending[thread_id] = size
            self._noted.set()

    def start(self, store: ShrinkingStore) -> None:
        """Start to enter what is noted; call inside the event loop."""
        self._task = asyncio.create_task(self._enter_forever(store), name="stream-accounts")

    async def stop(self) -> None:
        """End the task."""
        if self._task is not None:
            await end_tasks([self._task])

    async def _enter_forever(self, store: ShrinkingStore) -> None:
        while True:
            await self._noted.wait()
            self._noted.clear()
            # A lost entry is replaced by the stream's next one.
            with swallowed(_log, "stream_accounts_not_entered", NetraError):
                await self._enter(store)
            await asyncio.sleep(self._limits.account_entry_seconds)

    async def _enter(self, store: ShrinkingStore) -> None:
        sizes, self._pending = self._pending, {}
        items = list(sizes.items())
        for start in range(0, len(items), BATCH):
            for thread_id, max_bytes in await self.enter(items[start : start + BATCH]):
                size = await store.shrink(thread_id, max_bytes)
                SHRUNK_STREAMS.inc()
                self.note(thread_id, size)

    async def enter(self, sizes: Sequence[tuple[UUID, StreamSize]]) -> list[tuple[UUID, int]]:
        """Enter what streams take; return streams that must shrink, and to how many bytes.

        Raises:
            StreamUnavailable: the store does not answer.
            NetraError: the owner of a thread cannot be found out now.
        """
        entries: list[str | int] = []
        for thread_id, size in sizes:
            if (owner := await self._owner(thread_id)) is not None:
                account, thread = str(owner), str(thread_id)
                entries += [account, thread, size.events, size.rest, int(size.open)]
        limits = self._limits
        try:
            reply = await call_function(
                self._client,
                LIBRARY,
                "netra_stream_accounts_enter_1",
                KEYS,
                [
                    limits.account_stream_bytes,
                    limits.stream_store_percent,
                    limits.stream_open_seconds,
                    limits.stream_ended_seconds,
                    limits.stream_ttl_seconds,
                    *entries,
                ],
            )
        except (RedisError, OSError, TimeoutError) as error:
            raise unavailable(error) from error
        return [(UUID(reply[at].decode()), int(reply[at + 1])) for at in range(0, len(reply), 2)]

    async def _owner(self, thread_id: UUID) -> UUID | None:
        if self._owners is None:
            return None
        owner = self._known.get(thread_id) or await self._owners.owner_of(thread_id)
        if owner is not None:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[thread_id] = owner
        return owner
