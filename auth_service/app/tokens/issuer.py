"""Access tokens (RFC 9068): a JWT signed with EdDSA, or with HS256 in tests only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

import jwt

from auth_service.app.keys.keeper import KeyKeeper

TOKEN_TYPE = "at+jwt"  # noqa: S105  the media type of RFC 9068 section 2.1, no secret


class Signer(Protocol):
    """Signs claims into a compact JWT."""

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return the compact form."""


class RingSigner:
    """EdDSA with whichever key of the ring signs now."""

    def __init__(self, keeper: KeyKeeper) -> None:
        self._keeper = keeper

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return the compact form.

        Raises:
            SigningKeyUnavailable: no ring has been read yet.
        """
        key = self._keeper.signing()
        return jwt.encode(
            dict(claims),
            key.private_key,
            algorithm="EdDSA",
            headers={"kid": key.kid, "typ": TOKEN_TYPE},
        )


class SharedSecretSigner:
    """HS256, for ``ENVIRONMENT=test``; settings refuse the secret everywhere else."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return the compact form."""
        return jwt.encode(
            dict(claims), self._secret, algorithm="HS256", headers={"typ": TOKEN_TYPE}
        )


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A compact JWT and the seconds it has to live."""

    text: str
    expires_in: int


class AccessTokenIssuer:
    """Makes the access tokens of sessions.

    Args:
        signer: EdDSA or, in tests, HS256.
        issuer: ``iss``.
        audience: ``aud``.
        lifetime: of a token; one never outlives its session.
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
        """Return a fresh token."""
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
            }
        )
        return AccessToken(text=text, expires_in=expires - issued)
