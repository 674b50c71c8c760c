"""Serves one WebSocket from the start of its handshake until after its close."""

import asyncio
import random
import time
from collections.abc import Collection, Coroutine, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from netra_backend.app.transport.asgi_socket import Receive, Send
from netra_backend.app.transport.gateway_socket import GatewaySocket, open_socket
from netra_backend.app.websocket_core import close_codes, metrics
from netra_backend.app.websocket_core.admission import Admission, Deferred
from netra_backend.app.websocket_core.authenticator import Authenticator
from netra_backend.app.websocket_core.close_cause import CloseCause, PeerClosed, ServerClose
from netra_backend.app.websocket_core.close_codes import refusal_reason
from netra_backend.app.websocket_core.error_handlers import handle_websocket_error
from netra_backend.app.websocket_core.errors import (
    AdmissionDeferred,
    TooManyConnections,
)
from netra_backend.app.websocket_core.handshake import (
    Accept,
    Headers,
    UpgradeRequest,
    UpgradeThenClose,
    address_of,
    examine,
    read_upgrade,
    refuse,
)
from netra_backend.app.websocket_core.limits import SocketLimits
from netra_backend.app.websocket_core.refusal import refusal_parts
from netra_backend.app.websocket_core.session import Session, SessionServices
from netra_backend.app.websocket_core.state_registry import (
    ConnectionRecord,
    ConnectionState,
)
from netra_shared.auth.tokens import Claims
from netra_shared.errors import Draining, InternalError, NetraError, Unavailable
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed

RETRY_AFTER_SECONDS = 5.0  # hint to a client when the instance or its quota is full

_log = get_logger(__name__)


@dataclass(eq=False)
class ConnectionHandler:
    """Serves WebSockets; the record is created first and always closed last.

    Args:
        services: what all sessions share.
        authenticator: authenticates credentials.
        allowed_origins: exact origins of browsers.
        sessions: the open sessions by connection id; the gateway can end them.
        revoked: recently revoked sign-ins: a revocation can arrive after the handshake looked it
            up and before its session is in ``sessions``.
    """

    services: SessionServices
    authenticator: Authenticator
    allowed_origins: Collection[str]
    sessions: dict[str, Session]
    revoked: Collection[UUID]
    draining: bool = False
    limits: SocketLimits = field(init=False)
    admission: Admission = field(init=False)

    def __post_init__(self) -> None:
        limits = self.limits = self.services.limits
        self.admission = Admission(
            limits.admission_per_second,
            limits.admission_burst,
            limits.admission_wait_seconds,
            limits.admission_hint_seconds,
            limits.max_connections_per_user,
        )

    async def handle(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one socket until after its close: an ASGI application for WebSockets."""
        transport = open_socket(scope, receive, send)
        record = self.services.registry.open(address_of(scope))
        metrics.CONNECTIONS.inc()
        handshake = self._shake_hands(transport, scope["headers"], record)
        session = await self._guarded(transport, record, handshake)
        if session is not None:
            await transport.serve(self._live(transport, record, session))

    async def _live(
        self, transport: GatewaySocket, record: ConnectionRecord, session: Session
    ) -> None:
        """Run the session; the handshake's coroutines have ended."""
        await self._guarded(transport, record, self._run(record, session))

    async def _guarded(
        self,
        transport: GatewaySocket,
        record: ConnectionRecord,
        part: Coroutine[Any, Any, CloseCause | Session],
    ) -> Session | None:
        """Run one part of a connection's life and close the record if the connection ends.

        Returns the session with which the connection continues, or ``None`` after its end.
        """
        ending: CloseCause = PeerClosed(1006, "cancelled")
        try:
            result = await part
            if isinstance(result, Session):
                return result
            ending = result
        except Exception as error:  # noqa: BLE001  no error may leave a record open
            error_id = handle_websocket_error(error)
            if error_id is not None:
                reason = f"error_id={error_id}"
                ending = ServerClose(close_codes.INTERNAL_ERROR, reason, error_id)
                with swallowed(_log, "close_not_delivered"):
                    async with asyncio.timeout(self.limits.close_seconds):
                        await transport.close(ending.close.code, reason)
        except BaseException:
            self._over(record, ending)
            raise
        self._over(record, ending)
        return None

    def _over(self, record: ConnectionRecord, ending: CloseCause) -> None:
        metrics.CONNECTIONS.dec()
        self._record_end(record, ending)

    async def _shake_hands(
        self, transport: GatewaySocket, headers: Headers, record: ConnectionRecord
    ) -> CloseCause | Session:
        """Answer the upgrade request; a client sees the first step that refuses it."""
        started = time.perf_counter()
        await transport.connect()
        request = read_upgrade(headers)
        try:
            self._require_capacity(record)
            accept = examine(request, self.allowed_origins)
            claims = await self._authenticate(accept)
            self._require_share(claims)
            await self._wait_for_admission(claims)
            self._require_capacity(record)
        except NetraError as error:
            record.refused = error.code
            metrics.HANDSHAKES.labels(error.code).inc()
            return await self._refuse(transport, request, error)
        finally:
            metrics.HANDSHAKE_SECONDS.observe(time.perf_counter() - started)
        self.services.registry.authenticated(record, claims.sub, claims.sid)
        metrics.HANDSHAKES.labels("accepted").inc()
        await transport.accept(accept.subprotocol)
        return Session(record, transport, claims, self.services)

    async def _run(self, record: ConnectionRecord, session: Session) -> CloseCause:
        self.sessions[record.connection_id] = session
        try:
            if self.draining:
                session.end(ServerClose(close_codes.SERVICE_RESTART))
            if session.claims.sid in self.revoked:
                session.end(ServerClose(close_codes.SESSION_REVOKED))
            return await session.run()
        finally:
            del self.sessions[record.connection_id]

    def _require_capacity(self, record: ConnectionRecord) -> None:
        """Refuse while draining, when the instance is full, or when the address has its share."""
        limits, registry = self.limits, self.services.registry
        if self.draining:
            raise Draining("The instance shuts down; reconnect to another one.", retry_after=1)
        if registry.open_count > limits.max_connections:
            raise TooManyConnections(
                f"The instance has {limits.max_connections} connections, its limit.",
                retry_after=_spread(RETRY_AFTER_SECONDS),
            )
        # Dynamic threshold (Choudhury and Hahne, 1998): the share shrinks with the free space, so
        # a new address always finds some.
        free = limits.max_connections - registry.open_count + 1
        if registry.count_at(record.address) > limits.address_share_factor * free:
            raise TooManyConnections(
                "The address has its share of the instance's connections.",
                retry_after=_spread(RETRY_AFTER_SECONDS),
            )

    async def _authenticate(self, accept: Accept) -> Claims:
        """Return the caller's claims.

        Raises:
            NetraError: the reason of the refusal, always of the error tree.
        """
        try:
            async with asyncio.timeout(self.limits.accept_seconds):
                return await self.authenticator.authenticate(accept.credential)
        except TimeoutError as error:
            raise Unavailable(
                f"Authentication took longer than {self.limits.accept_seconds} s.", retry_after=1.0
            ) from error
        except NetraError:
            raise
        except Exception as error:
            error_id = handle_websocket_error(error) or ""
            raise InternalError(
                f"Unexpected error; report it with the id {error_id}.", error_id=error_id
            ) from error

    def _require_share(self, claims: Claims) -> None:
        """Refuse a user who has the maximum number of connections."""
        if self.services.registry.count_of(claims.sub) >= self.limits.max_connections_per_user:
            raise TooManyConnections(
                f"The user already has {self.limits.max_connections_per_user} connections.",
                retry_after=_spread(RETRY_AFTER_SECONDS),
            )

    async def _wait_for_admission(self, claims: Claims) -> None:
        """Wait for the slot of this handshake, or refuse it with the time until its slot.

        After the authentication: forged handshakes must not take slots.
        """
        now = asyncio.get_running_loop().time()
        answer = self.admission.ask(claims.sid, now, random.random())  # noqa: S311  spreads load
        if isinstance(answer, Deferred):
            raise AdmissionDeferred(
                f"More than {self.limits.admission_per_second:g} handshakes per second arrive.",
                retry_after=round(answer.retry_after, 3),
            )
        if answer.wait > 0:
            await asyncio.sleep(answer.wait)

    async def _refuse(
        self, transport: GatewaySocket, request: UpgradeRequest, error: NetraError
    ) -> CloseCause:
        decision = refuse(request, error)
        if isinstance(decision, UpgradeThenClose):
            await transport.accept(decision.subprotocol)
            reason = refusal_reason(error)
            await transport.close(decision.close.code, reason)
            return ServerClose(decision.close, reason)
        await transport.refuse(*refusal_parts(error))
        return PeerClosed(0, f"HTTP {error.status}")

    def _record_end(self, record: ConnectionRecord, ending: CloseCause) -> None:
        if record.state is ConnectionState.CLOSED:
            return
        error_id = None
        code: int | None
        if isinstance(ending, ServerClose):
            code, error_id = ending.close.code, ending.error_id
        else:
            code = ending.code or None  # 0: the upgrade did not happen
        if code is not None:
            metrics.CLOSES.labels(str(code)).inc()
        self.services.registry.close(
            record, code=code, reason=ending.reason, refused=record.refused, error_id=error_id
        )
        _log.info(
            "socket closed",
            connection_id=record.connection_id,
            close_code=code,
            reason=ending.reason,
            refused=record.refused,
            user_id=None if record.user_id is None else str(record.user_id),
            seconds=round(time.time() - record.opened_at, 3),
            frames_in=record.frames_in,
            frames_out=record.frames_out,
        )


def _spread(seconds: float) -> float:
    """Return ``seconds`` plus or minus half, so that refused clients do not retry together."""
    return round(seconds * random.uniform(0.5, 1.5), 3)  # noqa: S311  spreads load only
