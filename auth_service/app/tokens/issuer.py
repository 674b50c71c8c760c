"""Access tokens (RFC 9068) and ticket statements: JWTs signed with EdDSA, or HS256 in tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

import jwt

from auth_service.app.keys.keeper import KeyKeeper
from netra_shared.auth.tokens import TICKET_TYPE, Claims, ticket_audience

TOKEN_TYPE = "at+jwt"  # noqa: S105  the media type of RFC 9068 section 2.1, no secret


class Signer(Protocol):
    """Signs claims into a compact JWT."""

    def sign(self, claims: Mapping[str, Any], token_type: str) -> str:
        """Return the compact form; ``token_type`` is the header ``typ``."""


class RingSigner:
    """EdDSA with the current signing key of the ring."""

    def __init__(self, keeper: KeyKeeper) -> None:
        self._keeper = keeper

    def sign(self, claims: Mapping[str, Any], token_type: str) -> str:
        """Return the compact form.

        Raises:
            SigningKeyUnavailable: no key is loaded yet.
        """
        key = self._keeper.signing()
        return jwt.encode(
            dict(claims),
            key.private_key,
            algorithm="EdDSA",
            headers={"kid": key.kid, "typ": token_type},
        )


class SharedSecretSigner:
    """HS256, for ``ENVIRONMENT=test``; the settings refuse the secret in other environments."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def sign(self, claims: Mapping[str, Any], token_type: str) -> str:
        """Return the compact form."""
        return jwt.encode(
            dict(claims), self._secret, algorithm="HS256", headers={"typ": token_type}
        )


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A compact JWT and its remaining lifetime in seconds."""

    text: str
    expires_in: int


class AccessTokenIssuer:
    """Issues the access tokens of sessions.

    Args:
        signer: EdDSA or, in tests, HS256.
        issuer: ``iss``.
        audience: ``aud``.
        lifetime: of a token; a token expires with its session at the latest.
    """

    def __init__(self, signer: Signer, *, issuer: str, audience: str, lifetime: timedelta) -> None:
        self._signer = signer
        self._issuer = issuer
        self._audience = audience
        self._lifetime = lifetime

    def issue(
        self,
        *,
        user_id: UUID,
        session_id: UUID,
        session_expires_at: datetime,
        roles: Sequence[str],
        now: datetime,
    ) -> AccessToken:
        """Return a new access token."""
        issued = int(now.timestamp())
        expires = int(min(now + self._lifetime, session_expires_at).timestamp())
        text = self._signer.sign(
            {
                "iss": self._issuer,
                "aud": self._audience,
                "sub": str(user_id),
                "sid": str(session_id),
                "jti": uuid4().hex,
                "roles": list(roles),
                "iat": issued,
                "exp": expires,
            },
            TOKEN_TYPE,
        )
        return AccessToken(text=text, expires_in=expires - issued)

    def ticket_statement(self, claims: Claims, ticket_digest: str) -> str:
        """Return a JWT that only ``TokenVerifier.verify_ticket`` accepts, for this ticket only.

        It has the claims of the caller's access token, so a connection that was opened with a
        ticket ends when the access token does.
        """
        return self._signer.sign(
            {
                "iss": self._issuer,
                "aud": ticket_audience(ticket_digest),
                "sub": str(claims.sub),
                "sid": str(claims.sid),
                "jti": claims.jti,
                "roles": list(claims.roles),
                "iat": claims.iat,
                "exp": claims.exp,
            },
            TICKET_TYPE,
        )
