"""Single-use tickets for opening a socket from a browser, which cannot set headers on one."""

import hashlib
import json
import secrets

from redis.asyncio import Redis
from redis.exceptions import RedisError

from auth_service.app.errors import TicketStoreUnavailable
from netra_shared.auth.tokens import Claims

KEY_PREFIX = "netra:ticket:"
TICKET_BYTES = 32


class TicketOffice:
    """Issues tickets; the gateway consumes each with one ``GETDEL``.

    Args:
        valkey: keeps the claims under the SHA-256 of the ticket.
        life_seconds: of a ticket.
    """

    def __init__(self, valkey: Redis, *, life_seconds: int) -> None:
        self._valkey = valkey
        self.life_seconds = life_seconds

    async def issue(self, claims: Claims) -> str:
        """Return a ticket (43 characters of base64url) that stands for ``claims``.

        Raises:
            TicketStoreUnavailable: Valkey does not answer within its deadline.
        """
        ticket = secrets.token_urlsafe(TICKET_BYTES)
        content = {
            "sub": str(claims.sub),
            "sid": str(claims.sid),
            "jti": claims.jti,
            "roles": list(claims.roles),
            "iat": claims.iat,
            "exp": claims.exp,
        }
        try:
            await self._valkey.set(ticket_key(ticket), json.dumps(content), ex=self.life_seconds)
        except (RedisError, OSError, TimeoutError) as error:
            raise TicketStoreUnavailable(
                "Tickets cannot be issued at present; clients that can set headers may send "
                "`Authorization: Bearer` instead.",
                retry_after=1.0,
            ) from error
        return ticket


def ticket_key(ticket: str) -> str:
    """Return the Valkey key of a ticket."""
    return KEY_PREFIX + hashlib.sha256(ticket.encode()).hexdigest()
