"""Single-use tickets for WebSocket handshakes of browsers, which cannot set headers on them."""

import hashlib
import secrets

from redis.asyncio import Redis
from redis.exceptions import RedisError

from auth_service.app.errors import TicketStoreUnavailable
from auth_service.app.tokens.issuer import AccessTokenIssuer
from netra_shared.auth.tokens import Claims

KEY_PREFIX = "netra:ticket:"
TICKET_BYTES = 32


class TicketOffice:
    """Issues tickets; the gateway consumes each with one ``GETDEL``.

    The stored statement is signed, so write access to Valkey is not enough to open a socket.

    Args:
        valkey: stores the statements by the SHA-256 of their tickets.
        issuer: signs the statements.
        life_seconds: lifetime of a ticket.
    """

    def __init__(self, valkey: Redis, issuer: AccessTokenIssuer, *, life_seconds: int) -> None:
        self._valkey = valkey
        self._issuer = issuer
        self.life_seconds = life_seconds

    async def issue(self, claims: Claims) -> str:
        """Return a ticket, 43 characters of base64url, that authenticates as ``claims``.

        Raises:
            TicketStoreUnavailable: Valkey does not answer within its deadline.
            SigningKeyUnavailable: no signing key is loaded yet.
        """
        ticket = secrets.token_urlsafe(TICKET_BYTES)
        digest = ticket_digest(ticket)
        statement = self._issuer.ticket_statement(claims, digest)
        try:
            await self._valkey.set(KEY_PREFIX + digest, statement, ex=self.life_seconds)
        except (RedisError, OSError, TimeoutError) as error:
            raise TicketStoreUnavailable(
                "Tickets are temporarily unavailable; clients that can set headers may send "
                "`Authorization: Bearer` instead.",
                retry_after=1.0,
            ) from error
        return ticket


def ticket_digest(ticket: str) -> str:
    """Return the SHA-256 of a ticket, hexadecimal."""
    return hashlib.sha256(ticket.encode()).hexdigest()
