"""``thread.subscribe``, ``thread.unsubscribe`` and ``thread.presence``."""

import time
from uuid import UUID

from netra_backend.app.streams.feed import Subscription
from netra_backend.app.streams.hub import StreamHub
from netra_backend.app.streams.resume import StreamPosition
from netra_backend.app.threads.errors import ThreadNotFound
from netra_backend.app.websocket_core import responses
from netra_backend.app.websocket_core.commands.context import CommandContext, Outcome, Pending
from netra_backend.app.websocket_core.errors import TooManySubscriptions
from netra_backend.app.websocket_core.ports import ThreadAccess
from netra_backend.app.websocket_core.presence import ThreadPresence
from netra_backend.app.websocket_core.protocol import (
    PresenceParams,
    SubscribeParams,
    UnsubscribeParams,
)
from netra_shared.errors import NetraError


class SubscriptionCommands:
    """Commands that subscribe a connection to threads.

    Args:
        hub: the event streams.
        access: access to threads.
        presence: the connections subscribed to each thread.
    """

    def __init__(self, hub: StreamHub, access: ThreadAccess, presence: ThreadPresence) -> None:
        self._hub = hub
        self._access = access
        self._presence = presence

    async def subscribe(self, context: CommandContext, params: SubscribeParams) -> Outcome:
        """Execute ``thread.subscribe``."""
        result, subscription = await self._subscribe(context, params)
        return result, (subscription,)

    async def try_subscribe(
        self, context: CommandContext, wanted: SubscribeParams
    ) -> tuple[responses.SubscribeResult | responses.SubscribeFailure, Pending]:
        """Subscribe to one of several threads: a refusal concerns only that thread."""
        try:
            result, subscription = await self._subscribe(context, wanted)
        except NetraError as error:
            return responses.SubscribeFailure(wanted.thread_id, responses.netra_error(error)), ()
        return result, (subscription,)

    async def unsubscribe(self, context: CommandContext, params: UnsubscribeParams) -> Outcome:
        """Execute ``thread.unsubscribe``."""
        await self._end_subscription(context, params.thread_id)
        return {}, ()

    async def list_presence(self, context: CommandContext, params: PresenceParams) -> Outcome:
        """Execute ``thread.presence``."""
        await self._require_access(context, params.thread_id)
        found = await self._presence.connections_of(params.thread_id)
        return responses.PresenceResult(params.thread_id, found.complete, found.connections), ()

    async def end_all(self, context: CommandContext) -> None:
        """End all subscriptions; nothing is delivered after this returns."""
        for thread_id in tuple(context.subscriptions):
            await self._end_subscription(context, thread_id)

    async def _subscribe(
        self, context: CommandContext, params: SubscribeParams
    ) -> tuple[responses.SubscribeResult, Subscription]:
        thread_id = params.thread_id
        await self._require_access(context, thread_id)
        await self._end_subscription(context, thread_id)
        if len(context.subscriptions) >= context.limits.max_subscriptions:
            raise TooManySubscriptions(
                f"The limit is {context.limits.max_subscriptions} subscriptions per connection."
            )
        position = None
        if params.position is not None:
            position = StreamPosition(params.position.epoch, params.position.offset)
        active_run = await self._access.active_run(thread_id)
        subscription, plan = await self._hub.subscribe(thread_id, position, context)
        context.subscriptions[thread_id] = subscription
        context.record.threads.add(thread_id)
        self._presence.join(thread_id, context.record, now=time.time())
        result = responses.SubscribeResult(
            thread_id=thread_id,
            epoch=plan.start.epoch,
            offset=plan.start.offset,
            recovered=plan.recovered,
            reason=None if plan.reason is None else plan.reason.value,
            active_run_id=active_run,
        )
        return result, subscription

    async def _end_subscription(self, context: CommandContext, thread_id: UUID) -> None:
        subscription = context.subscriptions.pop(thread_id, None)
        if subscription is not None:
            context.record.threads.discard(thread_id)
            self._presence.leave(thread_id, context.record.connection_id)
            await self._hub.unsubscribe(subscription)

    async def _require_access(self, context: CommandContext, thread_id: UUID) -> None:
        if not await self._access.may_access(user_id=context.claims.sub, thread_id=thread_id):
            raise ThreadNotFound("The thread does not exist.")
