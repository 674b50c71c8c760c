"""Access to the details of a health report: operators and local callers only.

A caller is local if the TCP peer is on the loopback interface and no proxy header is present. Each
proxy in front of a Netra service (Google's load balancer and front end, the local Envoy edge) adds
``X-Forwarded-For``, and a client cannot remove what is added after it. On Cloud Run only a sidecar
of the same instance has a loopback address.
"""

import asyncio
import ipaddress

from starlette.requests import Request

from netra_shared.auth.tokens import TokenVerifier
from netra_shared.errors import NetraError

# Verification fetches an unknown key. A health report must not wait for the identity service, whose
# failure it may report.
VERIFY_SECONDS = 0.5

_PROXY_HEADERS = ("x-forwarded-for", "x-forwarded-host", "forwarded", "via")


def is_inside(request: Request) -> bool:
    """Return whether the request comes from this machine without a proxy."""
    if request.client is None or any(name in request.headers for name in _PROXY_HEADERS):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:  # a name, as test clients and Unix sockets have: not provably local
        return False


async def refusal_of_details(request: Request, verifier: TokenVerifier | None) -> str:
    """Return why this caller gets no details; empty when it does.

    Every caller gets the state itself, so this is a note, not an error.
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
