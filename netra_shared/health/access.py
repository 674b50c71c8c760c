"""Who may see the details of a health report: operators, and callers from inside.

Inside means: the TCP peer is on the loopback interface and nothing says that a proxy passed the
request on. Every proxy in front of a Netra service (Google's load balancer and front end, the
local Envoy edge) adds ``X-Forwarded-For``, and a client cannot take away what is added after it.
On Cloud Run itself the peer is never loopback but for a sidecar of the same instance.
"""

import asyncio
import ipaddress

from starlette.requests import Request

from netra_shared.auth.tokens import TokenVerifier
from netra_shared.errors import NetraError

# Verification is arithmetic unless the key is unknown; then it fetches, and a health report does
# not wait for the identity service that it may be reporting on.
VERIFY_SECONDS = 0.5

_PROXY_HEADERS = ("x-forwarded-for", "x-forwarded-host", "forwarded", "via")


def is_inside(request: Request) -> bool:
    """Tell whether the request comes from this machine without a proxy between."""
    if request.client is None or any(name in request.headers for name in _PROXY_HEADERS):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:  # a name, which test clients and Unix sockets give: not provably inside
        return False


async def refusal_of_details(request: Request, verifier: TokenVerifier | None) -> str:
    """Return why this caller gets no details; empty when they do.

    The health state itself is given in any case, so this is a note, not an error.
    """
    if is_inside(request):
        return ""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or verifier is None:
        return "Details need the bearer token of an operator."
    try:
        async with asyncio.timeout(VERIFY_SECONDS):
            claims = await verifier.verify(token.strip())
    except NetraError as error:
        return f"Details refused: {error.detail}"
    except TimeoutError:
        return "Details refused: the token could not be verified in time."
    if not claims.is_operator:
        return "Details need the role `operator`."
    return ""
