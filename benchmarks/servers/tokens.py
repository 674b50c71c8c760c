"""The one verification that every Python contestant does: HS256 by PyJWT, as Node's by its peer.

The gateway verifies with its own code, which accepts and refuses the same tokens.
"""

import os
from typing import Any

import jwt

SECRET, ISSUER, AUDIENCE = "BENCH_SECRET", "BENCH_ISSUER", "BENCH_AUDIENCE"


def verify_offer(offer: str) -> dict[str, Any]:
    """Return the claims of the token in a ``Sec-WebSocket-Protocol`` value.

    Raises:
        jwt.InvalidTokenError: it is not good, or there is none.
    """
    for entry in offer.split(","):
        if entry.strip().startswith("jwt."):
            claims: dict[str, Any] = jwt.decode(
                entry.strip()[4:],
                os.environ[SECRET],
                algorithms=["HS256"],
                audience=os.environ[AUDIENCE],
                issuer=os.environ[ISSUER],
            )
            return claims
    raise jwt.InvalidTokenError("no token")
