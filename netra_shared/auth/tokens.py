"""Verification of access tokens (RFC 7519, RFC 8725, RFC 9068).

EdDSA with the issuer's published keys; HS256 with a shared secret exists only for
``ENVIRONMENT=test`` and is never consulted when the process was configured for EdDSA.
"""

import time
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import jwt
import msgspec

from netra_shared.auth.plain_jwt import read_plain
from netra_shared.auth.verified_tokens import Verified, VerifiedTokens
from netra_shared.errors import TokenExpired, TokenInvalid

CLOCK_SKEW_SECONDS = 5  # between two hosts with NTP; far below the 15 minutes of a token
MAX_TOKEN_BYTES = 4096  # our tokens are about 500 bytes; parsing more is work for an attacker
REQUIRED_CLAIMS = ["iss", "aud", "sub", "exp", "iat", "jti", "sid", "roles"]


@dataclass(frozen=True, slots=True)
class Claims:
    """Who is calling: the verified content of an access token. Times are unix seconds."""

    sub: UUID
    sid: UUID
    jti: str
    roles: tuple[str, ...]
    iat: int
    exp: int

    @property
    def is_operator(self) -> bool:
        """True for those who run the platform."""
        return "operator" in self.roles


def claims_from(payload: dict[str, Any]) -> Claims:
    """Return ``Claims`` from a decoded payload whose signature has been verified.

    Raises:
        TokenInvalid: a claim has the wrong type.
    """
    roles = payload["roles"]
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise TokenInvalid("The claim `roles` must be a list of strings.")
    try:
        return Claims(
            sub=UUID(payload["sub"]),
            sid=UUID(payload["sid"]),
            jti=str(payload["jti"]),
            roles=tuple(roles),
            iat=int(payload["iat"]),
            exp=int(payload["exp"]),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise TokenInvalid("The claims `sub` and `sid` must be UUIDs.") from error


class KeySource(Protocol):
    """Where public keys come from: a ``JwksCache``, or the issuer's own ring."""

    async def key(self, kid: str) -> jwt.PyJWK | None:
        """Return the published key called ``kid``."""


class TokenVerifier:
    """Turns a compact JWT into ``Claims``.

    Args:
        issuer: required ``iss``.
        audience: required ``aud``.
        keys: the issuer's keys, for EdDSA.
        shared_secret: HS256 secret instead of ``keys``; for ``ENVIRONMENT=test`` only.
    """

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        keys: KeySource | None = None,
        shared_secret: str | None = None,
    ) -> None:
        if (keys is None) == (shared_secret is None):
            raise TypeError("exactly one of keys and shared_secret is required")
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._shared_secret = shared_secret
        self._verified: VerifiedTokens[Claims] = VerifiedTokens()

    async def verify(self, token: str) -> Claims:
        """Verify signature, issuer, audience and times.

        Raises:
            TokenInvalid: malformed, forged, for another audience, or by an unknown key.
            TokenExpired: all in order but for ``exp``.
            JwksUnavailable: no key is known and the issuer does not answer.
        """
        if len(token) > MAX_TOKEN_BYTES:
            raise TokenInvalid(f"The token is longer than {MAX_TOKEN_BYTES} bytes.")
        known = self._verified.find(token)
        if known is not None and await self._key_called(known.kid) is known.key:
            # Only `exp` can have changed its verdict: `iat` and `nbf` pass once and for ever.
            if known.claims.exp > time.time() - CLOCK_SKEW_SECONDS:
                return known.claims
            self._verified.forget(token)
        plain = await self._plainly(token)
        if plain is not None:
            return plain
        kid, key, algorithm = await self._key_for(token)
        try:
            payload = jwt.decode(
                token,
                key.key if isinstance(key, jwt.PyJWK) else key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=CLOCK_SKEW_SECONDS,
                options={"require": REQUIRED_CLAIMS},
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenExpired("The access token has expired; refresh it.") from error
        except jwt.InvalidTokenError as error:
            raise TokenInvalid(f"The access token was refused: {_reason(error)}.") from error
        claims = claims_from(payload)
        self._verified.keep(token, Verified(kid, key, claims))
        return claims

    async def _plainly(self, token: str) -> Claims | None:
        """Return the claims of an ordinary good token; ``None`` leaves the verdict to PyJWT."""
        plain = read_plain(token)
        if plain is None or (plain.header.alg == "HS256") != (self._shared_secret is not None):
            return None
        if not plain.is_for(issuer=self._issuer, audience=self._audience, now=time.time()):
            return None
        kid = plain.header.kid
        key = await self._key_called(kid)
        if not plain.signature_holds(key.key if isinstance(key, jwt.PyJWK) else key):
            return None
        claims = claims_from(
            msgspec.structs.asdict(plain.claims) | {"roles": list(plain.claims.roles)}
        )
        self._verified.keep(token, Verified(kid, key, claims))
        return claims

    async def _key_called(self, kid: str) -> Any:
        if self._keys is None:
            return self._shared_secret
        return await self._keys.key(kid)

    async def _key_for(self, token: str) -> tuple[str, Any, str]:
        if self._shared_secret is not None:
            return "", self._shared_secret, "HS256"
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError as error:
            raise TokenInvalid("The token is not a compact JWT.") from error
        if header.get("alg") != "EdDSA":  # decided before any key is looked up: RFC 8725 §3.1
            raise TokenInvalid("The token must be signed with EdDSA.")
        kid = header.get("kid")
        if not isinstance(kid, str) or self._keys is None:
            raise TokenInvalid("The token names no key.")
        key = await self._keys.key(kid)
        if key is None:
            raise TokenInvalid("The token was signed with a key that the issuer does not publish.")
        return kid, key, "EdDSA"


def _reason(error: jwt.InvalidTokenError) -> str:
    """Say what was wrong without repeating anything of the token."""
    known: tuple[tuple[type[jwt.InvalidTokenError], str], ...] = (
        (jwt.InvalidSignatureError, "signature does not match"),
        (jwt.InvalidAudienceError, "wrong audience"),
        (jwt.InvalidIssuerError, "wrong issuer"),
        (jwt.MissingRequiredClaimError, "a required claim is missing"),
        (jwt.ImmatureSignatureError, "not valid yet"),
        (jwt.InvalidIssuedAtError, "issued in the future"),
    )
    for kind, text in known:
        if isinstance(error, kind):
            return text
    return "malformed"
