"""The authenticated caller of an HTTP route, from ``Authorization: Bearer`` (RFC 6750)."""

from typing import Annotated, Protocol
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from netra_shared.auth.tokens import Claims, TokenVerifier
from netra_shared.errors import Forbidden, SessionRevoked, Unauthenticated

_scheme = HTTPBearer(auto_error=False, bearerFormat="JWT", description="EdDSA access token")


class RevocationLookup(Protocol):
    """Answers whether a session was revoked."""

    async def holds(self, session_id: UUID) -> bool:
        """Return whether the session was revoked; ``False`` while its store is unavailable."""


async def current_claims(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_scheme)],
) -> Claims:
    """Verify the bearer token with ``app.state.token_verifier``.

    A service that sets ``app.state.revocations`` also refuses tokens of revoked sessions. The
    identity service does not: it reads the session from its own database.

    Raises:
        Unauthenticated: the bearer token is absent or refused.
        SessionRevoked: the token is valid and its session was revoked.
        JwksUnavailable: no key is known and the issuer does not answer.
    """
    if credentials is None:
        raise Unauthenticated("Send `Authorization: Bearer <access token>`.")
    verifier: TokenVerifier = request.app.state.token_verifier
    claims = await verifier.verify(credentials.credentials)
    revocations: RevocationLookup | None = getattr(request.app.state, "revocations", None)
    # Fails open: a token lives 15 minutes, and REST must work while Valkey is unavailable.
    if revocations is not None and await revocations.holds(claims.sid):
        raise SessionRevoked("The session was revoked; sign in again.")
    return claims


CurrentClaims = Annotated[Claims, Depends(current_claims)]


async def operator_claims(claims: CurrentClaims) -> Claims:
    """Let operators pass.

    Raises:
        Forbidden: the caller does not have the role.
    """
    if not claims.is_operator:
        raise Forbidden("This is for people with the role `operator`.")
    return claims


OperatorClaims = Annotated[Claims, Depends(operator_claims)]
