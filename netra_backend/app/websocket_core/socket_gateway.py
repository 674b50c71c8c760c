"""The WebSocket gateway: composes its parts and starts, drains and stops them."""

import asyncio
from collections.abc import Collection
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

from netra_backend.app.streams.cluster_listener import channel_listener
from netra_backend.app.streams.event_streams import EventStreams
from netra_backend.app.streams.listener import ListenerOptions
from netra_backend.app.websocket_core import close_codes
from netra_backend.app.websocket_core.authenticator import Authenticator, Verifier
from netra_backend.app.websocket_core.close_cause import ServerClose
from netra_backend.app.websocket_core.commands.connection import (
    ConnectionCommands,
    InstanceIdentity,
)
from netra_backend.app.websocket_core.commands.dispatcher import CommandDispatcher
from netra_backend.app.websocket_core.commands.operations import OperationsCommands
from netra_backend.app.websocket_core.commands.runs import RunCommands
from netra_backend.app.websocket_core.commands.subscriptions import SubscriptionCommands
from netra_backend.app.websocket_core.connection_handler import ConnectionHandler
from netra_backend.app.websocket_core.drain import drain_sessions
from netra_backend.app.websocket_core.header_echo import HeaderEcho
from netra_backend.app.websocket_core.instance_lease import InstanceLease
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.websocket_core.outbound import OutboundBudget
from netra_backend.app.websocket_core.ports import GatewayPorts
from netra_backend.app.websocket_core.presence import ThreadPresence
from netra_backend.app.websocket_core.session import Session, SessionServices
from netra_backend.app.websocket_core.state_registry import StateRegistry
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.runtime.task_end import end_tasks

REVOCATIONS = "netra:sessions:revoked"  # the identity service publishes session ids here
REMEMBERED = 1024  # latest revocations; covers handshakes between look-up and session

_log = get_logger(__name__)


class SocketGateway:
    """Everything behind ``/ws``.

    Args:
        limits: all limits.
        streams: built earlier, because runs publish into them; started and stopped here.
        client: Valkey, for tickets, revocations and presence; owned by the caller.
        verifier: checks access tokens.
        ports: the other components that the commands use.
        allowed_origins: exact origins of browsers.
        identity: names this process.
    """

    def __init__(
        self,
        *,
        limits: SocketLimits,
        streams: EventStreams,
        client: Redis,
        verifier: Verifier,
        ports: GatewayPorts,
        allowed_origins: Collection[str],
        identity: InstanceIdentity,
    ) -> None:
        self.limits = limits
        self.registry = StateRegistry(recently_closed=limits.recently_closed)
        self._streams = streams
        self._sessions: dict[str, Session] = {}
        self._revoked: dict[UUID, None] = {}  # the latest revocations in order
        self._tasks: set[asyncio.Task[None]] = set()
        self._authenticator = Authenticator(verifier, client)
        self.presence = ThreadPresence(
            client,
            InstanceLease(client, instance_id=identity.instance_id, seconds=limits.lease_seconds),
        )
        self.header_echo = HeaderEcho(self._authenticator, limits, frozenset(allowed_origins))
        self._revocations = channel_listener(
            client,
            ListenerOptions(
                sharded=False,
                on_message=self._on_revocation,
                on_connected=self._check_revocations,
                confirm_seconds=limits.subscribe_seconds,
                beat_seconds=limits.heartbeat_seconds,
            ),
        )
        self.handler = ConnectionHandler(
            services=SessionServices(
                registry=self.registry,
                hub=streams.hub,
                dispatcher=self._dispatcher(ports, identity),
                limits=limits,
                budget=OutboundBudget(limits.outbound_total_bytes),
            ),
            authenticator=self._authenticator,
            allowed_origins=frozenset(allowed_origins),
            sessions=self._sessions,
            revoked=self._revoked,
        )

    def _dispatcher(self, ports: GatewayPorts, identity: InstanceIdentity) -> CommandDispatcher:
        subscriptions = SubscriptionCommands(self._streams.hub, ports.access, self.presence)
        return CommandDispatcher(
            ConnectionCommands(self.registry, subscriptions, self._authenticator, identity),
            subscriptions,
            RunCommands(ports.runs),
            OperationsCommands(ports.operations),
        )

    @property
    def draining(self) -> bool:
        """Whether the instance drains; readiness then fails."""
        return self.handler.draining

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The open sessions at this moment."""
        return tuple(self._sessions.values())

    async def start(self) -> None:
        """Start the streams and the listeners; needs no store."""
        self._streams.start()
        self._revocations.start(REVOCATIONS)
        self.presence.start()

    async def drain(self) -> None:
        """Drain all connections within ``drain_seconds``; a second call returns immediately."""
        if self.handler.draining:
            return
        self.handler.draining = True
        _log.info("draining", sessions=len(self._sessions))
        left = await drain_sessions(tuple(self._sessions.values()), self.limits)
        _log.info("drained", left=left)

    async def stop(self) -> None:
        """End the remaining sessions, then the listeners and streams. Follows ``drain``."""
        self.handler.draining = True
        for session in tuple(self._sessions.values()):
            session.end(ServerClose(close_codes.SERVICE_RESTART))
        await self.presence.stop()
        await self._revocations.stop()
        await end_tasks(self._tasks)
        await self._streams.stop()

    def connections(self, *, recent: int = 20) -> dict[str, Any]:
        """Return counts of this instance's connections and the ``recent`` last closed ones."""
        return self.registry.snapshot(recent=recent) | {
            "draining": self.draining,
            "limit": self.limits.max_connections,
            "streamStoreUnavailable": self._streams.hub.store_unavailable,
        }

    def depths(self) -> dict[str, Any]:
        """Return the sizes of this instance's feeds and queues."""
        queued = [session.queued for session in self._sessions.values()]
        feeds = tuple(self._streams.hub.feeds)
        return {
            "feeds": len(feeds),
            "subscriptions": sum(len(s.subscriptions) for s in self._sessions.values()),
            "producers": len(self._streams.publisher.producers),
            "outboundFrames": sum(queued),
            "outboundMax": max(queued, default=0),
            "outboundLimit": self.limits.outbound_frames,
            "storeUnavailable": self._streams.hub.store_unavailable,
        }

    def _on_revocation(self, _channel: bytes, message: bytes) -> None:
        with swallowed(_log, "foreign_revocation", ValueError):
            session_id = UUID(message.decode())
            self._revoked[session_id] = None
            if len(self._revoked) > REMEMBERED:
                del self._revoked[next(iter(self._revoked))]
            self._end_sessions({session_id})

    def _check_revocations(self) -> None:
        """Look up revocations that were published while the listener was disconnected."""
        task = asyncio.create_task(self._end_revoked())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end_revoked(self) -> None:
        session_ids = list({session.claims.sid for session in self._sessions.values()})
        self._end_sessions(set(await self._authenticator.revoked_among(session_ids)))

    def _end_sessions(self, revoked: set[UUID]) -> None:
        for session in tuple(self._sessions.values()):
            if session.claims.sid in revoked:
                session.end(ServerClose(close_codes.SESSION_REVOKED))
