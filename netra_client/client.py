"""The client: one object for threads, runs and the connection underneath."""

import asyncio
from collections.abc import Sequence
from typing import Any, Self
from uuid import UUID

from msgspec import UNSET, UnsetType

from netra_client.commands import execute
from netra_client.errors import ClientClosed
from netra_client.http import HttpTransport, parse
from netra_client.keeper import Keeper
from netra_client.models import Message, SocketTicket, StoredRun
from netra_client.options import ClientOptions
from netra_client.resume import Position
from netra_client.run import OnBusy, Run
from netra_client.stream import History, ThreadStream
from netra_client.subscriptions import SubscriptionTable
from netra_client.threads import ThreadsClient
from netra_client.timeouts import deadline
from netra_client.token_source import TokenSource
from netra_client.wire import CancelledRun, JsonObject, Presence, ResumedRun, StartedRun

# A run that is looked up after a reset is among the newest of its thread.
RUNS_LOOKED_AT = 100
# The content of a command that has none: the protocol requires one character or more.
IGNORED = "again"


class NetraClient:
    """Connects on entry and stays connected until exit.

    ::

        async with IdentityClient(url) as identity:
            tokens = RefreshingTokens(identity, await identity.login(email, password))
            async with NetraClient(url, tokens) as client:
                thread = await client.threads.create()
                async for event in client.run(thread.id, "Hello"):
                    ...

    A lost connection is replaced in the background and every thread continues exactly where it
    stopped; only when the server cannot do that does a reader receive a ``StreamReset``.

    Args:
        base_url: the platform's address, for example ``http://localhost:8080``.
        tokens: where access tokens come from; owned by the caller.
        options: deadlines, bounds and the rest.

    Attributes:
        threads: threads and messages over HTTP.

    Raises:
        On entry: ``ConnectionLost`` when nothing answers at ``base_url``, ``HandshakeRefused``
        or ``SocketClosed`` when the server will not have this client, ``SignedOut``, and
        ``DeadlinePassed`` (``start``).
    """

    def __init__(
        self, base_url: str, tokens: TokenSource, options: ClientOptions | None = None
    ) -> None:
        self._base_url = base_url
        self._tokens = tokens
        self._options = options or ClientOptions()
        self._http = HttpTransport(base_url, self._options.timeouts)
        self.threads = ThreadsClient(self._http, tokens)
        self._table = SubscriptionTable(
            capacity=self._options.queue_events, load_history=self._load_history
        )
        self._keeper: Keeper | None = None

    async def __aenter__(self) -> Self:
        self._keeper = Keeper(
            self._base_url, self._options, self._tokens, self._table, self._fetch_ticket
        )
        self._keeper.start()
        try:
            async with deadline("start", self._options.timeouts.start):
                await self._keeper.ready()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(self, *_exc_info: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the socket with 1000 and everything else; bounded by ``timeouts.close``."""
        if self._keeper is not None:
            await self._keeper.aclose()
        await self._http.aclose()

    async def subscribe(self, thread_id: UUID, position: Position | None = None) -> ThreadStream:
        """Read a thread's events from ``position`` on.

        Without a position the stream starts with the RUN_STARTED of the active run, if there is
        one, else with what happens next. When the thread is read already, the new reader joins
        it where it is, and ``position`` is ignored.

        Raises:
            CommandRejected: ``thread_not_found`` or ``too_many_subscriptions``.
            DeadlinePassed: ``command``.
        """
        await self._live().ready()
        entry, stream = self._table.open(thread_id, position)
        try:
            async with deadline("command", self._options.timeouts.command):
                await entry.wait_for_answer()
        except BaseException:
            await stream.aclose()
            raise
        return stream

    def run(
        self,
        thread_id: UUID,
        content: str,
        *,
        on_busy: OnBusy = "reject",
        message_id: UUID | None = None,
        command_id: UUID | None = None,
        parent_id: UUID | UnsetType | None = UNSET,
    ) -> Run:
        """Return a run that sends ``content`` when it is iterated over or started.

        Args:
            thread_id: the thread to write into.
            content: the message's text.
            on_busy: when the thread has an active run already: ``reject`` the new one with
                ``run_busy``, or ``interrupt`` the active one.
            message_id: id of the message; random when None.
            command_id: idempotency key; random when None.
            parent_id: the message before the new one. An edit is a new message with the
                ``parent_id`` of the edited one; None makes a new first message. Without it the
                message continues the active branch.
        """
        return Run(
            self,
            thread_id,
            content,
            on_busy=on_busy,
            message_id=message_id,
            command_id=command_id,
            parent_id=parent_id,
        )

    def regenerate(
        self,
        thread_id: UUID,
        message_id: UUID,
        *,
        on_busy: OnBusy = "reject",
        command_id: UUID | None = None,
    ) -> Run:
        """Return a run that answers a stored user message again, in a branch of its own.

        Args:
            thread_id: the thread.
            message_id: a user message of it.
            on_busy: as in ``run``.
            command_id: idempotency key; random when None.
        """
        return Run(
            self,
            thread_id,
            IGNORED,
            on_busy=on_busy,
            message_id=message_id,
            command_id=command_id,
            regenerate=True,
        )

    async def start_run(
        self,
        thread_id: UUID,
        content: str,
        *,
        command_id: UUID,
        message_id: UUID,
        on_busy: OnBusy = "reject",
        parent_id: UUID | UnsetType | None = UNSET,
        regenerate: bool = False,
    ) -> StartedRun:
        """Start a run without reading its events; see ``run``."""
        params: dict[str, Any] = {
            "threadId": thread_id,
            "commandId": command_id,
            "message": {"id": message_id, "content": content},
            "onBusy": on_busy,
        }
        if parent_id is not UNSET:
            params["parentId"] = parent_id
        if regenerate:
            params["regenerate"] = True
        return await execute(self._live(), self._options, "run.start", params, StartedRun)

    def resume(
        self, thread_id: UUID, answers: Sequence[JsonObject], *, command_id: UUID | None = None
    ) -> Run:
        """Return a run that answers the interrupts of the thread's paused run.

        Args:
            thread_id: the thread whose last run ended with ``Outcome.INTERRUPTED``.
            answers: one for each of that run's ``interrupts``: ``{"interruptId": ...,
                "status": "resolved", "payload": {"approved": True}}``, or with ``False`` and
                perhaps a ``reason``, or ``{"interruptId": ..., "status": "cancelled"}``.
            command_id: idempotency key; random when None.
        """
        return Run(self, thread_id, "", answers=answers, command_id=command_id)

    async def resume_run(
        self, thread_id: UUID, answers: Sequence[JsonObject], *, command_id: UUID
    ) -> ResumedRun:
        """Answer interrupts without reading the events that follow; see ``resume``."""
        params = {"threadId": thread_id, "commandId": command_id, "resume": list(answers)}
        return await execute(self._live(), self._options, "run.resume", params, ResumedRun)

    async def cancel_run(self, run_id: UUID) -> CancelledRun:
        """Stop a run, on whichever instance it is; harmless when it has ended."""
        params = {"runId": run_id}
        return await execute(self._live(), self._options, "run.cancel", params, CancelledRun)

    async def presence(self, thread_id: UUID) -> Presence:
        """Return who follows the thread now, on any instance; right within 10 s of a crash.

        Raises:
            CommandRejected: ``thread_not_found``.
            DeadlinePassed: ``command``.
        """
        params = {"threadId": thread_id}
        return await execute(self._live(), self._options, "thread.presence", params, Presence)

    async def ping(self) -> float:
        """Return the round trip of one ``ping`` in seconds."""
        loop = asyncio.get_running_loop()
        connection = await self._live().ready()
        started = loop.time()
        await connection.call("ping", {}, within=self._options.timeouts.pong, name="pong")
        return loop.time() - started

    async def run_status(self, thread_id: UUID, run_id: UUID) -> str | None:
        """Return the stored status of a recent run, None when it is not found."""
        looked_at = 0
        async for run in self.threads.runs(thread_id):
            if run.id == run_id:
                return run.status
            looked_at += 1
            if looked_at >= RUNS_LOOKED_AT:
                break
        return None

    async def _load_history(self, thread_id: UUID) -> History:
        # Runs first: one that ended before them has its answer in the messages read after them.
        # Of a run that had not ended every event follows, so its answer must not stand twice.
        runs: list[StoredRun] = []
        async for run in self.threads.runs(thread_id):
            runs.append(run)
            if len(runs) >= RUNS_LOOKED_AT:
                break
        ended = frozenset(run.id for run in runs if run.finished_at is not None)
        # Runs that are not among those are older and have ended, or have started since.
        older_exist = len(runs) >= RUNS_LOOKED_AT
        open_runs = {run.id for run in runs} - ended
        newest: list[Message] = []
        async for message in self.threads.messages(thread_id, newest_first=True):
            follows = message.run_id in open_runs or (
                message.run_id not in ended and not older_exist
            )
            if message.role == "user" or message.run_id is None or not follows:
                newest.append(message)
            if len(newest) >= self._options.history_messages:
                break
        return History(tuple(reversed(newest)), ended)

    async def _fetch_ticket(self, access_token: str) -> str:
        content = await self._http.send(
            "POST", "/api/auth/ws-ticket", token=access_token, repeatable=True
        )
        return parse(content, SocketTicket).ticket

    def _live(self) -> Keeper:
        if self._keeper is None:
            raise ClientClosed
        return self._keeper
