"""Verification of access tokens and ticket statements (RFC 7519, RFC 8725, RFC 9068).

Tokens are verified with the issuer's published EdDSA keys. HS256 with a shared secret exists only
for ``ENVIRONMENT=test``; a process configured for EdDSA refuses it.
"""

import time
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import jwt

from netra_shared.auth.compact_jwt import CompactJwt, Payload, TokenMalformed, parse_compact
from netra_shared.auth.verified_tokens import Verified, VerifiedTokens
from netra_shared.errors import TokenExpired, TokenInvalid

CLOCK_SKEW_SECONDS = 5  # between two hosts with NTP; far below the 15 minutes of a token
MAX_TOKEN_BYTES = 4096  # issued tokens have about 500 bytes; a bound on the work of a forged one
REQUIRED_CLAIMS = ["iss", "aud", "sub", "exp", "iat", "jti", "sid", "roles"]
ACCESS_TOKEN_TYPES = frozenset({"at+jwt", "application/at+jwt"})  # RFC 9068 section 4
TICKET_TYPE = "ticket+jwt"
# Tests sign HS256 tokens with the default header of their library (RFC 7519 section 5.1).
_PLAIN = frozenset({"jwt"})


@dataclass(frozen=True, slots=True)
class Claims:
    """The caller: the verified content of an access token. Times are unix seconds."""

    sub: UUID
    sid: UUID
    jti: str
    roles: tuple[str, ...]
    iat: int
    exp: int

    @property
    def is_operator(self) -> bool:
        """Whether the caller has the role ``operator``."""
        return "operator" in self.roles


def claims_from(payload: Payload) -> Claims:
    """Return the claims of a payload whose signature has been verified.

    Raises:
        TokenInvalid: a claim has the wrong type.
    """
    roles = payload.roles
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise TokenInvalid("The claim `roles` must be a list of strings.")
    try:
        return Claims(
            sub=UUID(payload.sub),
            sid=UUID(payload.sid),
            jti=payload.jti,
            roles=tuple(roles),
            iat=payload.iat,
            exp=payload.exp,
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise TokenInvalid("The claims `sub` and `sid` must be UUIDs.") from error


class KeySource(Protocol):
    """Source of public keys: a ``JwksCache``, or the key ring of the issuer itself."""

    async def key(self, kid: str) -> jwt.PyJWK | None:
        """Return the published key called ``kid``."""


class TokenVerifier:
    """Verifies compact JWTs.

    Args:
        issuer: required ``iss``.
        audience: required ``aud`` of an access token.
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
        """Return the claims of an access token.

        Raises:
            TokenInvalid: malformed, forged, for another audience, or by an unknown key.
            TokenExpired: valid except for ``exp``.
            JwksUnavailable: no key is known and the issuer does not answer.
        """
        if len(token) > MAX_TOKEN_BYTES:
            raise TokenInvalid(f"The token is longer than {MAX_TOKEN_BYTES} bytes.")
        known = self._verified.find(token)
        if known is not None and await self._key_called(known.kid) is known.key:
            # Only `exp` can change the verdict of a token that was valid before.
            if known.claims.exp > time.time() - CLOCK_SKEW_SECONDS:
                return known.claims
            self._verified.forget(token)
        parsed = _parsed(token)
        key = await self._checked_key(parsed, ACCESS_TOKEN_TYPES)
        claims = self._accept(parsed, self._audience)
        self._verified.keep(token, Verified(parsed.header.kid, key, claims))
        return claims

    async def verify_ticket(self, statement: str, ticket_digest: str) -> Claims:
        """Return the claims that the identity service signed for one socket ticket.

        The audience contains the ticket's digest, so a statement is valid for its own ticket
        only: who can write to the ticket store can neither forge nor move a statement.

        Args:
            statement: the stored JWT.
            ticket_digest: SHA-256 of the presented ticket, hexadecimal.

        Raises:
            TokenInvalid: malformed, forged, or of another ticket.
            TokenExpired: the access token behind the ticket has expired.
            JwksUnavailable: no key is known and the issuer does not answer.
        """
        if len(statement) > MAX_TOKEN_BYTES:
            raise TokenInvalid(f"The ticket statement is longer than {MAX_TOKEN_BYTES} bytes.")
        parsed = _parsed(statement)
        await self._checked_key(parsed, frozenset({TICKET_TYPE}), plain=False)
        return self._accept(parsed, ticket_audience(ticket_digest))

    async def _checked_key(
        self, parsed: CompactJwt, types: frozenset[str], *, plain: bool = True
    ) -> Any:
        """Return the key that made the signature."""
        header = parsed.header
        if self._shared_secret is not None:
            if header.alg != "HS256":
                raise TokenInvalid("The token must be signed with HS256.")
            if plain:
                types |= _PLAIN
        elif header.alg != "EdDSA":  # decided before any key is looked up: RFC 8725 section 3.1
            raise TokenInvalid("The token must be signed with EdDSA.")
        if header.typ.lower() not in types:  # a media type, hence case-insensitive
            raise TokenInvalid(f"The header `typ` must be one of: {', '.join(sorted(types))}.")
        if self._keys is not None and not header.kid:
            raise TokenInvalid("The token names no key.")
        key = await self._key_called(header.kid)
        if key is None:
            raise TokenInvalid("The token was signed with a key that the issuer does not publish.")
        if not parsed.signature_matches(key.key if isinstance(key, jwt.PyJWK) else key):
            raise TokenInvalid("The access token was refused: signature does not match.")
        return key

    def _accept(self, parsed: CompactJwt, audience: str) -> Claims:
        """Check the claims of a token whose signature matches."""
        payload = parsed.payload
        now = time.time()
        if payload.iss != self._issuer:
            raise TokenInvalid("The access token was refused: wrong issuer.")
        if payload.aud != audience:
            raise TokenInvalid("The access token was refused: wrong audience.")
        if max(payload.iat, payload.nbf) > now + CLOCK_SKEW_SECONDS:
            raise TokenInvalid("The access token was refused: not valid yet.")
        claims = claims_from(payload)
        if payload.exp <= now - CLOCK_SKEW_SECONDS:
            raise TokenExpired("The access token has expired; refresh it.")
        return claims

    async def _key_called(self, kid: str) -> Any:
        if self._keys is None:
            return self._shared_secret
        return await self._keys.key(kid)


def ticket_audience(ticket_digest: str) -> str:
    """Return the ``aud`` of the statement of one socket ticket."""
    return f"netra-ticket:{ticket_digest}"


def _parsed(token: str) -> CompactJwt:
    try:
        return parse_compact(token)
    except TokenMalformed as error:
        raise TokenInvalid(f"The token is not a canonical compact JWT: {error}.") from error
