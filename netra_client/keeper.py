"""Keeps a connection: opens it, replaces it when it ends, and gives up when that is hopeless."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable

from netra_client.connection import Connection
from netra_client.endpoint import socket_url
from netra_client.errors import ClientClosed, ConnectionLost, NetraClientError, SocketClosed
from netra_client.handshake import Credential, offer_token
from netra_client.options import ClientOptions
from netra_client.retry import GiveUp, next_step
from netra_client.session import Session
from netra_client.states import Closed, Connected, Connecting, Waiting
from netra_client.subscriptions import SubscriptionTable
from netra_client.token_source import TokenSource
from netra_client.transport import open_socket

# Closes in a row that blame a frame, before the client is at fault and not one command: a command
# is set aside after two (``commands.execute``).
MAX_FRAME_CLOSES = 8

FetchTicket = Callable[[str], Awaitable[str]]


class Keeper:
    """Owns the connection and the task that keeps it.

    Args:
        base_url: the platform's address.
        options: the client's choices.
        tokens: access tokens.
        table: the threads that are read.
        fetch_ticket: returns a socket ticket for an access token.
    """

    def __init__(
        self,
        base_url: str,
        options: ClientOptions,
        tokens: TokenSource,
        table: SubscriptionTable,
        fetch_ticket: FetchTicket,
    ) -> None:
        self._url = socket_url(base_url)
        self._options = options
        self._tokens = tokens
        self._table = table
        self._fetch_ticket = fetch_ticket
        self._ready: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None
        self._connection: Connection | None = None
        self._session: Session | None = None
        self._last_token: str | None = None  # presented last, in a handshake or in band
        self._refused_token: str | None = None
        self._was_ready = False
        self._frame_closes = 0
        self._unanswered = 0  # commands in flight when the last connection ended
        self._one_alone = asyncio.Lock()
        self._ready_at = 0.0

    def start(self) -> None:
        """Start to connect."""
        self._task = asyncio.create_task(self._keep(), name="netra-keeper")

    async def ready(self) -> Connection:
        """Return a connection that takes commands, when there is one.

        Raises:
            NetraClientError: why there will be none any more.
        """
        if self._session is not None and not self._ready.done():
            self._session.hurry()
        return await asyncio.shield(self._ready)

    @contextlib.asynccontextmanager
    async def turn(self, *, alone: bool) -> AsyncIterator[None]:
        """Wait until no command is sent alone; with ``alone``, keep the others waiting."""
        async with self._one_alone:
            if alone:
                yield
                return
        yield

    def lost(self, connection: Connection) -> None:
        """Note that ``connection`` failed; ``ready`` waits for the next one."""
        if not self._ready.done() or self._ready.exception() is not None:
            return
        if self._ready.result() is connection:
            self._ready = asyncio.get_running_loop().create_future()

    async def aclose(self) -> None:
        """Close the connection in order and end the task; harmless when done already."""
        if self._task is None:
            return
        task, self._task = self._task, None
        if self._connection is not None:
            await self._connection.close()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _keep(self) -> None:
        ended: NetraClientError = ConnectionLost("The client failed; this is a defect of it")
        try:
            ended = await self._keep_until_hopeless()
        except asyncio.CancelledError:
            ended = ClientClosed()
            raise
        finally:
            if self._ready.done():
                self._ready = asyncio.get_running_loop().create_future()
            self._ready.set_exception(ended)
            self._ready.exception()  # seen: no one may be waiting, and that is no defect
            self._table.fail_all(ended)
            self._options.on_state(Closed(None if isinstance(ended, ClientClosed) else ended))

    async def _keep_until_hopeless(self) -> NetraClientError:
        loop = asyncio.get_running_loop()
        policy = self._options.reconnect
        failures, good_until = 0, loop.time()
        while True:
            self._options.on_state(Connecting(failures + 1))
            self._ready_at = 0.0
            error, agreed_delay = await self._one_connection()
            now = loop.time()
            if self._ready_at:
                good_until = now
                if now - self._ready_at >= policy.stable:
                    failures = self._frame_closes = 0
            if agreed_delay is not None:
                self._options.on_state(Waiting(agreed_delay, error))
                await asyncio.sleep(agreed_delay)
                continue
            failures += 1
            if self._ready_at and self._is_of_a_command(error):
                await asyncio.sleep(policy.first)
                continue
            if isinstance(error, ConnectionLost) and not self._was_ready:
                return error  # a wrong address far more often than an outage: report it now
            step = next_step(
                error,
                failures=failures,
                jitter=random.random(),  # noqa: S311  spreads load, guards nothing
                already_refreshed=self._refused_token is not None or not self._tokens.renewable,
                policy=policy,
            )
            if isinstance(step, GiveUp) or now - good_until + step.delay > policy.give_up:
                return error
            if step.refresh:
                self._refused_token = self._last_token
            self._options.on_state(Waiting(step.delay, error))
            await asyncio.sleep(step.delay)

    def _is_of_a_command(self, error: NetraClientError) -> bool:
        """Return whether the close concerns a command in flight, and not this client."""
        if not (self._unanswered and isinstance(error, SocketClosed) and error.blames_a_frame):
            return False
        self._frame_closes += 1
        return self._frame_closes <= MAX_FRAME_CLOSES

    async def _one_connection(self) -> tuple[NetraClientError, float | None]:
        """Connect, serve, and return why it ended and the delay agreed for the next one."""
        session: Session | None = None
        try:
            token = await self._tokens.token(not_this=self._refused_token)
            self._last_token = token
            credential = self._options.credential
            ticketed = credential is Credential.TICKET
            secret = await self._fetch_ticket(token) if ticketed else token
            socket = await open_socket(
                self._url,
                offer_token(credential, secret),
                timeouts=self._options.timeouts,
                max_frame_bytes=self._options.max_frame_bytes,
                user_agent=f"{self._options.name}/{self._options.version}",
                origin=self._options.origin,
            )
            session = Session(self._options, self._tokens, token, self._table, self._on_leaving)
            self._session = session
            self._connection = Connection(socket, self._options.timeouts, session.on_notification)
            return await self._serve(self._connection, session), session.leave_delay
        except NetraClientError as error:
            return error, session.leave_delay if session else None
        finally:
            if session is not None:
                self._last_token = session.access_token
            self._unanswered = 0
            if self._connection is not None:
                self.lost(self._connection)
                self._unanswered = self._connection.unanswered
            self._connection = self._session = None
            self._table.detach_all()

    async def _serve(self, connection: Connection, session: Session) -> NetraClientError:
        async with asyncio.TaskGroup() as tasks:
            reader = tasks.create_task(connection.read_until_closed(), name="netra-reader")
            helpers: list[asyncio.Task[None]] = []
            try:
                initialized = await session.initialize(connection)
                self._refused_token = None
                self._was_ready, self._ready_at = True, asyncio.get_running_loop().time()
                helpers += [
                    tasks.create_task(keep(connection), name=keep.__name__)
                    for keep in (
                        session.keep_alive,
                        session.keep_authenticated,
                        session.keep_subscribed,
                        session.leave_when_asked,
                    )
                ]
                self._options.on_state(
                    Connected(
                        initialized.connection_id, initialized.instance_id, initialized.revision
                    )
                )
                if session.leave_delay is None:
                    self._ready.set_result(connection)
                return await asyncio.shield(reader)
            except NetraClientError as error:
                await connection.close()
                return error
            finally:
                for helper in helpers:
                    helper.cancel()
                if not reader.done():
                    connection.abort("the client is closing")

    def _on_leaving(self, hold_commands: bool) -> None:  # noqa: FBT001  a callback's one argument
        if hold_commands and self._connection is not None:
            self.lost(self._connection)
