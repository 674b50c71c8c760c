"""The caller of an HTTP route, from ``Authorization: Bearer`` (RFC 6750)."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from netra_shared.auth.tokens import Claims, TokenVerifier
from netra_shared.errors import Unauthenticated

_scheme = HTTPBearer(auto_error=False, bearerFormat="JWT", description="EdDSA access token")


async def current_claims(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_scheme)],
) -> Claims:
    """Verify the bearer token with ``app.state.token_verifier``.

    Raises:
        Unauthenticated: no bearer token, or one that is refused.
        JwksUnavailable: no key is known and the issuer does not answer.
    """
    if credentials is None:
        raise Unauthenticated("Send `Authorization: Bearer <access token>`.")
    verifier: TokenVerifier = request.app.state.token_verifier
    return await verifier.verify(credentials.credentials)


CurrentClaims = Annotated[Claims, Depends(current_claims)]
