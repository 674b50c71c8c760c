"""One connection from ``initialize`` to its end, with the tasks that keep it healthy."""

import asyncio
import random
from collections.abc import Callable
from itertools import islice

import msgspec

from netra_client.codes import PROTOCOL_VERSION, RetryClass
from netra_client.connection import Connection
from netra_client.errors import CommandRejected, DeadlinePassed, NetraClientError, SignedOut
from netra_client.options import ClientOptions
from netra_client.retry import backoff_delay
from netra_client.slots import SWAP_SECONDS
from netra_client.states import Leaving
from netra_client.subscriptions import Entry, SubscriptionTable
from netra_client.token_source import TokenSource
from netra_client.wire import (
    DrainingParams,
    EventParams,
    ExpiringParams,
    Initialized,
    decode_as,
    decode_subscribed,
)

# A refusal of these classes is the server's trouble, not the subscription's: a store that is busy
# while every socket of a deploy reconnects must not end a reader.
_MAY_PASS = frozenset({RetryClass.NOW, RetryClass.BACKOFF})


class Session:
    """Keeps one connection alive, subscribed and authenticated.

    Args:
        options: the client's choices.
        tokens: renews the access token in band.
        access_token: the one that the connection was opened with.
        table: the threads that are read.
        on_leaving: called when the connection will be replaced; ``True`` when commands should
            wait for its successor.
    """

    def __init__(
        self,
        options: ClientOptions,
        tokens: TokenSource,
        access_token: str,
        table: SubscriptionTable,
        on_leaving: Callable[[bool], None],
    ) -> None:
        self._options = options
        self._tokens = tokens
        self._access_token = access_token
        self._table = table
        self._on_leaving = on_leaving
        self._token_warned = asyncio.Event()
        self._leave = asyncio.Event()
        self._hurry = asyncio.Event()
        self._leave_at = 0.0

    @property
    def access_token(self) -> str:
        """The token that the server was last given on this connection."""
        return self._access_token

    @property
    def leave_delay(self) -> float | None:
        """Seconds until the agreed time of reconnecting; None when nothing was agreed."""
        if not self._leave.is_set():
            return None
        if self._hurry.is_set():
            return 0.0
        return max(0.0, self._leave_at - asyncio.get_running_loop().time())

    def hurry(self) -> None:
        """Leave a draining connection now: someone waits with a command.

        The announced delay spreads idle clients over time; one person's click does not crowd.
        """
        self._hurry.set()

    def on_notification(self, method: str, params: msgspec.Raw) -> None:
        """Handle a notification; unknown ones belong to a newer server and are ignored."""
        if method == "thread.event":
            self._table.deliver(decode_as(params, EventParams))
        elif method == "connection.draining":
            self._prepare_to_leave(
                "draining", decode_as(params, DrainingParams).reconnect_after_ms / 1000
            )
            self._on_leaving(True)
        elif method == "connection.expiring":
            expiring = decode_as(params, ExpiringParams)
            if expiring.reason == "token":
                self._token_warned.set()
                return
            # Anywhere in the first half of the notice: connections of one deploy grow old together.
            jitter = random.random()  # noqa: S311  spreads load, guards nothing
            self._prepare_to_leave(expiring.reason, jitter * expiring.closes_in_seconds / 2)
            self._on_leaving(False)

    async def initialize(self, connection: Connection) -> Initialized:
        """Introduce the client and take up its subscriptions where they were."""
        entries = islice(self._table.wanted(), self._table.slots.limit)
        params = {
            "protocolVersion": PROTOCOL_VERSION,
            "client": {"name": self._options.name, "version": self._options.version},
            "subscriptions": [entry.params() for entry in entries],
        }
        result = await connection.call(
            "initialize",
            params,
            on_result=self._take_initialized,
            within=self._options.timeouts.initialize,
            name="initialize",
        )
        initialized: Initialized = decode_as(result, Initialized)
        connection.max_frame_bytes = initialized.limits.max_frame_bytes
        return initialized

    async def keep_alive(self, connection: Connection) -> None:
        """Ping forever; a pong that does not come means that the connection is dead.

        Our own command in place of WebSocket pings: it proves that the server's event loop and
        this client's both work, and the library's pings would end in a close with 1011.
        """
        timeouts = self._options.timeouts
        while True:
            await asyncio.sleep(timeouts.ping_every)
            try:
                await connection.call("ping", {}, within=timeouts.pong, name="pong")
            except CommandRejected:
                continue  # an answer all the same: it is alive
            except DeadlinePassed:
                connection.abort(f"no answer to a ping within {timeouts.pong:g} s")
                return
            except NetraClientError:
                return  # the reader saw the end as well

    async def keep_authenticated(self, connection: Connection) -> None:
        """Renew the access token before it expires, without leaving the connection."""
        loop = asyncio.get_running_loop()
        renew_at = loop.time() + self._tokens.remaining
        while self._tokens.renewable:
            await _wait_until(self._token_warned, renew_at)
            self._token_warned.clear()
            try:
                fresh = await self._tokens.token(not_this=self._access_token)
                await connection.call("token.refresh", {"token": fresh})
            except SignedOut:
                return  # the server will close; the keeper then reports it
            except NetraClientError:
                renew_at = loop.time() + self._options.timeouts.refresh_retry
                continue
            self._access_token = fresh
            renew_at = loop.time() + self._tokens.remaining

    async def keep_subscribed(self, connection: Connection) -> None:
        """Make the server send what the table wants, whenever that changes."""
        loop = asyncio.get_running_loop()
        next_turn: float | None = loop.time()  # `initialize` asked for as many as it may
        while True:
            await _wait_until(self._table.changed, next_turn)
            self._table.changed.clear()
            next_turn = None
            try:
                for thread_id in self._table.unwanted():
                    await connection.call("thread.unsubscribe", {"threadId": thread_id})
                    self._table.left(thread_id)
                for entry in tuple(self._table.wanted()):
                    if not await self._make_room(connection, entry):
                        break
                    await self._subscribe(connection, entry)
                if any(True for _ in self._table.wanted()):  # among them those that made room
                    next_turn = loop.time() + SWAP_SECONDS
            except CommandRejected:
                self._table.changed.set()  # what could not be done is still in the table
                await asyncio.sleep(self._options.reconnect.first)
            except DeadlinePassed:
                self._table.changed.set()
            except NetraClientError:
                return  # the connection ended; the next one starts with the whole table

    async def _make_room(self, connection: Connection, entry: Entry) -> bool:
        """Release another thread's subscription if ``entry`` needs one; return whether it has."""
        slots = self._table.slots
        if entry.thread_id in slots or slots.free:
            return True
        victim = slots.victim(asyncio.get_running_loop().time())
        if victim is None:
            return False
        # Events that arrive before the answer still count; afterwards none follow.
        await connection.call("thread.unsubscribe", {"threadId": victim})
        self._table.release(victim)
        return True

    async def leave_when_asked(self, connection: Connection) -> None:
        """Close at the agreed time, so that the keeper connects elsewhere."""
        await self._leave.wait()
        await _wait_until(self._hurry, self._leave_at)
        await connection.close()

    def _prepare_to_leave(self, reason: str, seconds: float) -> None:
        if not self._leave.is_set():
            self._leave_at = asyncio.get_running_loop().time() + seconds
            self._leave.set()
            self._options.on_state(Leaving(reason, seconds))

    def _take_initialized(self, result: msgspec.Raw) -> None:
        initialized = decode_as(result, Initialized)
        self._table.slots.limit = max(1, initialized.limits.max_subscriptions)
        for raw in initialized.subscriptions:
            thread_id, answer = decode_subscribed(raw)
            if isinstance(answer, CommandRejected) and _may_pass(answer):
                self._table.changed.set()  # the reconciler asks again, with backoff
            else:
                self._table.answered(thread_id, answer)

    async def _subscribe(self, connection: Connection, entry: Entry) -> None:
        failures = 0
        while True:
            try:
                await connection.call(
                    "thread.subscribe",
                    entry.params(),
                    on_result=lambda raw: self._table.answered(*decode_subscribed(raw)),
                )
            except CommandRejected as error:
                if not _may_pass(error):
                    self._table.answered(entry.thread_id, error)
                    return
                failures += 1
                policy = self._options.reconnect
                jitter = random.random()  # noqa: S311  spreads load, guards nothing
                pause = backoff_delay(failures, jitter, first=policy.first, cap=policy.cap)
                await asyncio.sleep((error.retry_after or 0.0) + pause)
            else:
                return


def _may_pass(refused: CommandRejected) -> bool:
    """Return whether a refused subscription may succeed later; beyond the limit there are turns."""
    return refused.retry in _MAY_PASS and refused.code != "too_many_subscriptions"


async def _wait_until(event: asyncio.Event, when: float | None) -> None:
    """Return when ``event`` is set or the loop's clock shows ``when``; None: never."""
    try:
        async with asyncio.timeout_at(when):
            await event.wait()
    except TimeoutError:
        return
