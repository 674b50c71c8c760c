"""Access tokens for tests: HS256, which exists for ENVIRONMENT=test only."""

import time
from collections.abc import Sequence
from uuid import UUID, uuid4

import jwt

from netra_shared.auth.tokens import TokenVerifier

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
