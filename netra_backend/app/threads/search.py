"""Bounds of a search: what it may read, how long, and how many of one account run together.

Worst cost: every title and every message of the caller, at most ``SEARCH_SECONDS`` of one database
connection. With 20,000 threads and 80,000 messages the slowest search takes 0.1 to 0.2 s on two
cores (``test_search.py`` measures the rows that it reads).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, true, union
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from netra_backend.app.db.tables import messages, threads
from netra_backend.app.threads.errors import SearchBusy, SearchTooSlow

SEARCH_SECONDS = 2.0  # ten times the slowest search in 20,000 threads
WAITING_PER_ACCOUNT = 3  # a person types faster than a search answers
REFUSAL_SECONDS = 1.0
_CANCELED = "57014"  # query_canceled: the statement's deadline has passed


def matching_threads(owner_id: UUID, search: str) -> Any:
    """Select the ids of threads with ``search`` in the title or its words in a message.

    Both parts are bound to the owner by an index, so the cost does not grow with other accounts.
    """
    titled = select(threads.c.id).where(
        threads.c.owner_id == owner_id, threads.c.title.icontains(search, autoescape=True)
    )
    said = select(messages.c.thread_id).where(
        messages.c.owner_id == owner_id,
        messages.c.search.op("@@")(func.websearch_to_tsquery("simple", search)),
    )
    # ``IS TRUE`` keeps the planner from a join, which is quadratic when it takes a new account for
    # an empty one. So both parts run once, into a hash table.
    return threads.c.id.in_(union(titled, said)).is_(true())


async def limit_statement(connection: AsyncConnection, seconds: float = SEARCH_SECONDS) -> None:
    """Give the statements of the open transaction a deadline."""
    milliseconds = str(round(seconds * 1000))
    await connection.execute(select(func.set_config("statement_timeout", milliseconds, True)))


@contextmanager
def deadline_as_error() -> Iterator[None]:
    """Turn a statement that was canceled at its deadline into an error with its remedy.

    Raises:
        SearchTooSlow: the deadline has passed.
    """
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _CANCELED:
            raise
        raise SearchTooSlow(
            f"The search took longer than {SEARCH_SECONDS:g} s and was ended; "
            "use rarer words or fewer of them.",
            retry_after=SEARCH_SECONDS,
        ) from error


@dataclass(slots=True)
class _Account:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    searches: int = 0
    free_at: float = 0.0  # monotonic: when the next search may start


class SearchGate:
    """Runs one search of an account at a time, for at most a third of the time.

    So no account takes the connection pool or the database's processors: after a search of t
    seconds the next one starts 2 t later, which a person does not notice.

    Args:
        refusal_seconds: delay of a refusal; an immediate one would only be repeated immediately.
        clock: returns monotonic seconds.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        refusal_seconds: float = REFUSAL_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._refusal_seconds = refusal_seconds
        self._clock = clock
        self._sleep = sleep
        self._accounts: dict[UUID, _Account] = {}

    @property
    def accounts(self) -> int:
        """Return how many accounts search now or have searched just before."""
        return len(self._accounts)

    @asynccontextmanager
    async def turn(self, owner_id: UUID) -> AsyncIterator[None]:
        """Wait for the account's earlier searches, then run the block.

        Raises:
            SearchBusy: ``WAITING_PER_ACCOUNT`` searches of the account wait already.
        """
        account = self._accounts.setdefault(owner_id, _Account())
        if account.searches > WAITING_PER_ACCOUNT:
            await self._sleep(self._refusal_seconds)
            raise SearchBusy(
                f"More than {WAITING_PER_ACCOUNT} searches of this account are waiting; "
                "repeat this one when they have ended.",
                retry_after=1.0,
            )
        account.searches += 1
        try:
            async with account.lock:
                await self._sleep(account.free_at - self._clock())
                started = self._clock()
                try:
                    yield
                finally:
                    ended = self._clock()
                    account.free_at = ended + 2 * (ended - started)
        finally:
            account.searches -= 1
            rest = max(0.0, account.free_at - self._clock())
            asyncio.get_running_loop().call_later(rest, self._forget, owner_id, account)

    def _forget(self, owner_id: UUID, account: _Account) -> None:
        idle = account.searches == 0 and account.free_at <= self._clock()
        if idle and self._accounts.get(owner_id) is account:
            del self._accounts[owner_id]
