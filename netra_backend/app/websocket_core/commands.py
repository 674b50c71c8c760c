"""Executes commands: one method per command; one place turns errors into answers."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from netra_backend.app.runs.run_spec import ResumeRun, StartRun
from netra_backend.app.streams.feed import Subscription
from netra_backend.app.streams.hub import StreamHub
from netra_backend.app.streams.resume import StreamPosition
from netra_backend.app.threads.errors import ThreadNotFound
from netra_backend.app.transport.frames import WireFrame
from netra_backend.app.websocket_core import responses
from netra_backend.app.websocket_core.authenticator import Authenticator
from netra_backend.app.websocket_core.error_handlers import handle_websocket_error
from netra_backend.app.websocket_core.errors import (
    CommandTimeout,
    NotInitialized,
    TooManySubscriptions,
    UnsupportedProtocolVersion,
)
from netra_backend.app.websocket_core.metrics import COMMAND_SECONDS, COMMANDS
from netra_backend.app.websocket_core.ports import OperationsFeed, RunCommands, ThreadAccess
from netra_backend.app.websocket_core.presence import ThreadPresence
from netra_backend.app.websocket_core.protocol import (
    PROTOCOL_VERSION,
    InitializeParams,
    OperationsSubscribeParams,
    OperationsUnsubscribeParams,
    Params,
    PingParams,
    PresenceParams,
    Request,
    RunCancelParams,
    RunResumeParams,
    RunStartParams,
    SubscribeParams,
    TokenRefreshParams,
    UnsubscribeParams,
)
from netra_backend.app.websocket_core.state_registry import ConnectionState, StateRegistry
from netra_shared.errors import Draining, Forbidden, MessageTooLarge, NetraError, TokenInvalid
from netra_shared.telemetry import span

if TYPE_CHECKING:  # a session executes commands, and commands act on a session
    from netra_backend.app.websocket_core.session import Session

_PINGS = COMMANDS.labels("ping", "ok")

Pending = tuple[Subscription, ...]
Outcome = tuple[object, Pending]


class CommandDispatcher:
    """Executes decoded commands for any session.

    Args:
        registry: moves records along.
        hub: subscriptions.
        runs: starts and stops runs.
        access: who may see which thread.
        operations: what operators may watch.
        presence: who follows which thread.
        authenticator: checks renewed tokens.
        instance_id: named in ``initialize``'s answer.
        revision: the Cloud Run revision, if any.
    """

    def __init__(
        self,
        *,
        registry: StateRegistry,
        hub: StreamHub,
        runs: RunCommands,
        access: ThreadAccess,
        operations: OperationsFeed,
        presence: ThreadPresence,
        authenticator: Authenticator,
        instance_id: str,
        revision: str | None,
    ) -> None:
        self._registry = registry
        self._hub = hub
        self._runs = runs
        self._access = access
        self._operations = operations
        self._presence = presence
        self._authenticator = authenticator
        self._instance_id = instance_id
        self._revision = revision
        self._handlers: dict[type[Params], Callable[..., Awaitable[Outcome]]] = {
            InitializeParams: self._initialize,
            SubscribeParams: self._subscribe,
            UnsubscribeParams: self._unsubscribe,
            PresenceParams: self._list_presence,
            RunStartParams: self._run_start,
            RunResumeParams: self._run_resume,
            RunCancelParams: self._run_cancel,
            TokenRefreshParams: self._token_refresh,
            OperationsSubscribeParams: self._operations_subscribe,
            OperationsUnsubscribeParams: self._operations_unsubscribe,
            PingParams: self._ping,
        }

    def answer_immediately(self, session: "Session", request: Request) -> WireFrame | None:
        """Return the answer of a command that needs no wait; ``None``: call ``execute``."""
        if type(request.params) is not PingParams or not session.initialized:
            return None
        _PINGS.inc()
        return responses.result_frame(request.id, {})

    async def execute(self, session: "Session", request: Request) -> tuple[WireFrame, Pending]:
        """Return the frame of the answer, and the subscriptions to start after it is queued."""
        started = time.perf_counter()
        subscriptions: Pending = ()
        outcome = "ok"
        try:
            with span(f"ws {request.method}"):
                async with asyncio.timeout(session.limits.command_seconds):
                    self._check_state(session, request.params)
                    handler = self._handlers[type(request.params)]
                    result, subscriptions = await handler(session, request.params)
            frame = responses.result_frame(request.id, result)
        except TimeoutError:
            outcome = CommandTimeout.code
            late = CommandTimeout("The command missed its deadline; it can still take effect.")
            frame = responses.error_frame(request.id, responses.netra_error(late))
        except NetraError as error:
            outcome = error.code
            frame = responses.error_frame(request.id, _error_object(error))
        except Exception as error:  # noqa: BLE001  a defect answers one command, not the others
            outcome = "internal_error"
            frame = responses.error_frame(request.id, _error_object(error))
        COMMANDS.labels(request.method, outcome).inc()
        COMMAND_SECONDS.labels(request.method).observe(time.perf_counter() - started)
        return frame, subscriptions

    def _check_state(self, session: "Session", params: Params) -> None:
        if isinstance(params, InitializeParams):
            if session.initialized:
                raise NotInitialized("`initialize` was already executed.")
        elif not session.initialized:
            raise NotInitialized("`initialize` must be the first command.")

    async def _initialize(self, session: "Session", params: InitializeParams) -> Outcome:
        if params.protocol_version != PROTOCOL_VERSION:
            raise UnsupportedProtocolVersion(
                f"Unsupported protocolVersion {params.protocol_version}; "
                f"supported: {PROTOCOL_VERSION}."
            )
        session.record.client = f"{params.client.name}/{params.client.version}"
        if session.record.state is ConnectionState.AUTHENTICATED:
            self._registry.advance(session.record, ConnectionState.READY)
        session.timers.initialized()
        results: list[responses.SubscribeResult | responses.SubscribeFailure] = []
        subscriptions: list[Subscription] = []
        try:
            for wanted in params.subscriptions:
                result, subscription = await self._try_subscribe(session, wanted)
                results.append(result)
                subscriptions.extend(subscription)
        except BaseException:
            # The whole command failed: the client must not get events without a known offset.
            await self.end_subscriptions(session)
            raise
        session.initialized = True  # not earlier: a failed `initialize` can be sent again
        limits = session.limits
        claims = session.claims
        result_object = responses.InitializeResult(
            protocol_version=PROTOCOL_VERSION,
            connection_id=session.record.connection_id,
            instance_id=self._instance_id,
            revision=self._revision,
            user=responses.InitializeUser(claims.sub, claims.roles),
            token_expires_at=claims.exp,
            limits=responses.ConnectionLimits(
                max_frame_bytes=limits.max_frame_bytes,
                commands_per_second=limits.commands_per_second,
                max_subscriptions=limits.max_subscriptions,
                max_socket_age_seconds=round(session.timers.max_age, 3),
            ),
            subscriptions=tuple(results),
        )
        return result_object, tuple(subscriptions)

    async def _try_subscribe(
        self, session: "Session", wanted: SubscribeParams
    ) -> tuple[responses.SubscribeResult | responses.SubscribeFailure, Pending]:
        """Subscribe to one of several threads: a refusal concerns only that thread."""
        try:
            result, subscription = await self._subscribe_one(session, wanted)
        except NetraError as error:
            return responses.SubscribeFailure(wanted.thread_id, responses.netra_error(error)), ()
        return result, (subscription,)

    async def _subscribe(self, session: "Session", params: SubscribeParams) -> Outcome:
        result, subscription = await self._subscribe_one(session, params)
        return result, (subscription,)

    async def _subscribe_one(
        self, session: "Session", params: SubscribeParams
    ) -> tuple[responses.SubscribeResult, Subscription]:
        thread_id = params.thread_id
        await self._require_access(session, thread_id)
        await self._end_subscription(session, thread_id)
        if len(session.subscriptions) >= session.limits.max_subscriptions:
            raise TooManySubscriptions(
                f"The limit is {session.limits.max_subscriptions} subscriptions per connection."
            )
        position = None
        if params.position is not None:
            position = StreamPosition(params.position.epoch, params.position.offset)
        active_run = await self._access.active_run(thread_id)
        subscription, plan = await self._hub.subscribe(thread_id, position, session)
        session.subscriptions[thread_id] = subscription
        session.record.threads.add(thread_id)
        self._presence.join(thread_id, session.record, now=time.time())
        result = responses.SubscribeResult(
            thread_id=thread_id,
            epoch=plan.start.epoch,
            offset=plan.start.offset,
            recovered=plan.recovered,
            reason=None if plan.reason is None else plan.reason.value,
            active_run_id=active_run,
        )
        return result, subscription

    async def _unsubscribe(self, session: "Session", params: UnsubscribeParams) -> Outcome:
        await self._end_subscription(session, params.thread_id)
        return {}, ()

    async def end_subscriptions(self, session: "Session") -> None:
        """End all subscriptions of the session; nothing is delivered after this returns."""
        for thread_id in tuple(session.subscriptions):
            await self._end_subscription(session, thread_id)

    async def _end_subscription(self, session: "Session", thread_id: UUID) -> None:
        subscription = session.subscriptions.pop(thread_id, None)
        if subscription is not None:
            session.record.threads.discard(thread_id)
            self._presence.leave(thread_id, session.record.connection_id)
            await self._hub.unsubscribe(subscription)

    async def _list_presence(self, session: "Session", params: PresenceParams) -> Outcome:
        await self._require_access(session, params.thread_id)
        found = await self._presence.connections_of(params.thread_id)
        return responses.PresenceResult(params.thread_id, found.complete, found.connections), ()

    async def _run_start(self, session: "Session", params: RunStartParams) -> Outcome:
        if session.record.state is ConnectionState.DRAINING:
            raise Draining(
                "The instance shuts down; reconnect and repeat the command.", retry_after=1
            )
        size = len(params.message.content.encode())
        if size > session.limits.max_message_bytes:
            raise MessageTooLarge(
                f"The message has {size} bytes; the limit is {session.limits.max_message_bytes}."
            )
        # The run service checks the owner of the thread under its lock.
        started = await self._runs.start(
            StartRun(
                user=session.claims,
                thread_id=params.thread_id,
                command_id=params.command_id,
                message_id=params.message.id,
                content=params.message.content,
                on_busy=params.on_busy,
            )
        )
        return responses.RunStartResult(started.run_id, params.thread_id, params.message.id), ()

    async def _run_resume(self, session: "Session", params: RunResumeParams) -> Outcome:
        if session.record.state is ConnectionState.DRAINING:
            raise Draining(
                "The instance shuts down; reconnect and repeat the command.", retry_after=1
            )
        started = await self._runs.resume(
            ResumeRun(
                user=session.claims,
                thread_id=params.thread_id,
                command_id=params.command_id,
                answers=[msgspec.to_builtins(answer) for answer in params.resume],
            )
        )
        return responses.RunResumeResult(started.run_id, params.thread_id), ()

    async def _run_cancel(self, session: "Session", params: RunCancelParams) -> Outcome:
        status = await self._runs.cancel(user=session.claims, run_id=params.run_id)
        return responses.RunCancelResult(params.run_id, str(status)), ()

    async def _token_refresh(self, session: "Session", params: TokenRefreshParams) -> Outcome:
        claims = await self._authenticator.verify_token(params.token)
        if (claims.sub, claims.sid) != (session.claims.sub, session.claims.sid):
            raise TokenInvalid("The token belongs to another user or session.")
        session.claims = claims
        session.timers.renew_token(claims.exp)
        return responses.TokenRefreshResult(claims.exp), ()

    async def _operations_subscribe(
        self, session: "Session", _params: OperationsSubscribeParams
    ) -> Outcome:
        if not session.claims.is_operator:
            raise Forbidden("The operations view requires the role `operator`.")
        fleet = await self._operations.watch(session.show_operations)
        if session.ending is not None:  # it ended during the look-up
            self.forget(session)
        return fleet, ()

    async def _operations_unsubscribe(
        self, session: "Session", _params: OperationsUnsubscribeParams
    ) -> Outcome:
        self.forget(session)
        return {}, ()

    def forget(self, session: "Session") -> None:
        """End the session's watch of the operations view."""
        self._operations.unwatch(session.show_operations)

    async def _ping(self, _session: "Session", _params: PingParams) -> Outcome:
        return {}, ()

    async def _require_access(self, session: "Session", thread_id: UUID) -> None:
        if not await self._access.may_access(user_id=session.claims.sub, thread_id=thread_id):
            raise ThreadNotFound("The thread does not exist.")


def _error_object(error: Exception) -> dict[str, Any]:
    error_id = handle_websocket_error(error)
    if isinstance(error, NetraError):
        body = responses.netra_error(error)
        if error_id is not None:
            body["data"]["errorId"] = error_id
        return body
    return responses.unexpected_error(error_id or "")
