"""Authenticates a credential: verifies a token or consumes a ticket, and checks revocation."""

import hashlib
from typing import Any, Protocol
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from netra_backend.app.websocket_core.errors import TicketInvalid
from netra_backend.app.websocket_core.handshake import Credential
from netra_backend.app.websocket_core.revocations import Revocations
from netra_shared.auth.tokens import Claims
from netra_shared.errors import SessionRevoked, TokenExpired, TokenInvalid, Unavailable

_FAILURES = (RedisError, OSError, TimeoutError)


class Verifier(Protocol):
    """The port that ``netra_shared.auth.tokens.TokenVerifier`` implements."""

    async def verify(self, token: str) -> Claims:
        """Return the claims or raise ``TokenInvalid`` or ``TokenExpired``."""

    async def verify_ticket(self, statement: str, ticket_digest: str) -> Claims:
        """Return the claims or raise ``TokenInvalid`` or ``TokenExpired``."""


def ticket_digest(ticket: str) -> str:
    """Return the SHA-256 of a ticket, hexadecimal."""
    return hashlib.sha256(ticket.encode()).hexdigest()


def ticket_key(ticket: str) -> str:
    """Return the key under which the identity service stores a ticket's signed statement."""
    return f"netra:ticket:{ticket_digest(ticket)}"


class Authenticator:
    """Authenticates callers.

    Args:
        verifier: checks access tokens.
        client: Valkey with tickets and revocations; owned by the caller.
    """

    def __init__(self, verifier: Verifier, client: Redis) -> None:
        self._verifier = verifier
        self._client: Any = client
        self._revocations = Revocations(client)

    async def authenticate(self, credential: Credential) -> Claims:
        """Return the claims behind ``credential``.

        Raises:
            TokenInvalid, TokenExpired: the token is refused.
            TicketInvalid: the ticket is unknown, used or expired.
            SessionRevoked: the session was revoked.
            Unavailable: the ticket store or the issuer's keys are unavailable.
        """
        if credential.kind == "ticket":
            claims = await self._consume(credential.value)
        else:
            claims = await self._verifier.verify(credential.value)
        await self._refuse_revoked(claims.sid)
        return claims

    async def verify_token(self, token: str) -> Claims:
        """Return the claims of an access token presented on an open connection."""
        claims = await self._verifier.verify(token)
        await self._refuse_revoked(claims.sid)
        return claims

    async def revoked_among(self, session_ids: list[UUID]) -> list[UUID]:
        """Return the revoked ones of ``session_ids``; none while Valkey is unavailable."""
        return await self._revocations.among(session_ids)

    async def _consume(self, ticket: str) -> Claims:
        try:
            stored = await self._client.getdel(ticket_key(ticket))
        except _FAILURES as error:
            raise Unavailable(
                "The ticket store is unavailable; use an access token.", retry_after=1.0
            ) from error
        if stored is None:
            raise TicketInvalid("The ticket is unknown, already used or older than 60 seconds.")
        # Signed by the identity service: write access to Valkey does not open a socket.
        try:
            return await self._verifier.verify_ticket(
                stored.decode("ascii", "replace"), ticket_digest(ticket)
            )
        except (TokenInvalid, TokenExpired) as error:
            raise TicketInvalid("The ticket is not signed by the identity service.") from error

    async def _refuse_revoked(self, session_id: UUID) -> None:
        # Fails open: a token lives 15 minutes, and sockets must work while Valkey is unavailable.
        if await self._revocations.holds(session_id):
            raise SessionRevoked("The session was revoked; sign in again.")
