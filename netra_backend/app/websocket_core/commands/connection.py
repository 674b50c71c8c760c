"""``initialize``, ``token.refresh`` and ``ping``: commands about the connection itself."""

from dataclasses import dataclass

from netra_backend.app.streams.feed import Subscription
from netra_backend.app.websocket_core import responses
from netra_backend.app.websocket_core.authenticator import Authenticator
from netra_backend.app.websocket_core.commands.context import CommandContext, Outcome
from netra_backend.app.websocket_core.commands.subscriptions import SubscriptionCommands
from netra_backend.app.websocket_core.errors import UnsupportedProtocolVersion
from netra_backend.app.websocket_core.protocol import (
    PROTOCOL_VERSION,
    InitializeParams,
    PingParams,
    TokenRefreshParams,
)
from netra_backend.app.websocket_core.state_registry import ConnectionState, StateRegistry
from netra_shared.errors import TokenInvalid


@dataclass(frozen=True, slots=True)
class InstanceIdentity:
    """The names of this process: its instance id and its Cloud Run revision, if any."""

    instance_id: str
    revision: str | None = None


class ConnectionCommands:
    """Commands about the connection itself.

    Args:
        registry: changes the state of records.
        subscriptions: executes the subscriptions of ``initialize``.
        authenticator: verifies renewed tokens.
        identity: named in the answer to ``initialize``.
    """

    def __init__(
        self,
        registry: StateRegistry,
        subscriptions: SubscriptionCommands,
        authenticator: Authenticator,
        identity: InstanceIdentity,
    ) -> None:
        self._registry = registry
        self._subscriptions = subscriptions
        self._authenticator = authenticator
        self._identity = identity

    async def initialize(self, context: CommandContext, params: InitializeParams) -> Outcome:
        """Execute ``initialize``."""
        if params.protocol_version != PROTOCOL_VERSION:
            raise UnsupportedProtocolVersion(
                f"Unsupported protocolVersion {params.protocol_version}; "
                f"supported: {PROTOCOL_VERSION}."
            )
        context.record.client = f"{params.client.name}/{params.client.version}"
        if context.record.state is ConnectionState.AUTHENTICATED:
            self._registry.advance(context.record, ConnectionState.READY)
        context.timers.initialized()
        results: list[responses.SubscribeResult | responses.SubscribeFailure] = []
        pending: list[Subscription] = []
        try:
            for wanted in params.subscriptions:
                result, subscription = await self._subscriptions.try_subscribe(context, wanted)
                results.append(result)
                pending.extend(subscription)
        except BaseException:
            # The whole command failed: the client must not get events without a known offset.
            await self._subscriptions.end_all(context)
            raise
        context.initialized = True  # not earlier: a failed `initialize` can be sent again
        return self._result(context, tuple(results)), tuple(pending)

    def _result(
        self,
        context: CommandContext,
        subscriptions: tuple[responses.SubscribeResult | responses.SubscribeFailure, ...],
    ) -> responses.InitializeResult:
        limits, claims = context.limits, context.claims
        return responses.InitializeResult(
            protocol_version=PROTOCOL_VERSION,
            connection_id=context.record.connection_id,
            instance_id=self._identity.instance_id,
            revision=self._identity.revision,
            user=responses.InitializeUser(claims.sub, claims.roles),
            token_expires_at=claims.exp,
            limits=responses.ConnectionLimits(
                max_frame_bytes=limits.max_frame_bytes,
                commands_per_second=limits.commands_per_second,
                max_subscriptions=limits.max_subscriptions,
                max_socket_age_seconds=round(context.timers.max_age, 3),
            ),
            subscriptions=subscriptions,
        )

    async def refresh_token(self, context: CommandContext, params: TokenRefreshParams) -> Outcome:
        """Execute ``token.refresh``."""
        claims = await self._authenticator.verify_token(params.token)
        if (claims.sub, claims.sid) != (context.claims.sub, context.claims.sid):
            raise TokenInvalid("The token belongs to another user or session.")
        context.claims = claims
        context.timers.renew_token(claims.exp)
        return responses.TokenRefreshResult(claims.exp), ()

    async def ping(self, _context: CommandContext, _params: PingParams) -> Outcome:
        """Execute ``ping``."""
        return {}, ()
