"""Access tokens for tests: HS256, which exists for ENVIRONMENT=test only."""

import time
from collections.abc import Sequence
from uuid import UUID, uuid4

import jwt

from netra_shared.auth.tokens import TICKET_TYPE, TokenVerifier, ticket_audience

SECRET = "a-secret-of-at-least-thirty-two-bytes-for-hs256"
ISSUER = "netra-auth"
AUDIENCE = "netra"


def verifier() -> TokenVerifier:
    return TokenVerifier(issuer=ISSUER, audience=AUDIENCE, shared_secret=SECRET)


def issue(
    user_id: UUID | None = None,
    session_id: UUID | None = None,
    *,
    lives_seconds: float = 900,
    roles: Sequence[str] = ("user",),
) -> str:
    now = int(time.time())
    return jwt.encode(
        {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user_id or uuid4()),
            "sid": str(session_id or uuid4()),
            "jti": uuid4().hex,
            "roles": list(roles),
            "iat": now,
            "exp": int(now + lives_seconds),
        },
        SECRET,
        algorithm="HS256",
    )


def ticket_statement(digest: str) -> str:
    """Return what the identity service stores for the ticket with this SHA-256."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": ticket_audience(digest),
        "sub": str(uuid4()),
        "sid": str(uuid4()),
        "jti": uuid4().hex,
        "roles": ["user"],
        "iat": now,
        "exp": now + 900,
    }
    return jwt.encode(claims, SECRET, algorithm="HS256", headers={"typ": TICKET_TYPE})
