"""The two cookies of a browser's session: one that scripts cannot read, one that they can.

``Path`` is narrower than ``__Host-`` would allow (it demands ``/``): the token then never reaches
the gateway, the pages or their logs. What ``__Host-`` protects from, a sibling subdomain planting a
cookie, is answered by refusing a request that carries two (docs/decisions, browser sessions).
"""

from collections.abc import Iterable
from typing import Final

from starlette.responses import Response

from auth_service.app.sessions.service import IssuedTokens

PATH: Final = "/api/auth/browser"
HINT: Final = "netra_session"
_PLAIN: Final = "netra_refresh"
_SECURE: Final = "__Secure-netra_refresh"  # browsers refuse it without Secure (RFC 6265bis 4.1.3)


def set_session(response: Response, tokens: IssuedTokens, *, secure: bool, issued_ms: int) -> None:
    """Store the refresh token, and beside it the hint that there is one.

    The hint tells a page whether asking is worth a request, and when the token was last renewed:
    a page waits for the answer to a refresh that the page before it began.

    Args:
        response: gets the Set-Cookie headers.
        tokens: from a sign-in or a refresh.
        secure: whether the page was loaded over TLS.
        issued_ms: Unix time in milliseconds.
    """
    life = tokens.refresh_expires_in
    response.set_cookie(
        _name(secure=secure), tokens.refresh_token, max_age=life, path=PATH,
        secure=secure, httponly=True, samesite="strict",
    )  # fmt: skip
    response.set_cookie(
        HINT, str(issued_ms), max_age=life, path="/", secure=secure, samesite="strict"
    )


def clear_session(response: Response, *, secure: bool) -> None:
    """Delete both cookies."""
    response.delete_cookie(
        _name(secure=secure), path=PATH, secure=secure, httponly=True, samesite="strict"
    )
    response.delete_cookie(HINT, path="/", secure=secure, samesite="strict")


def presented_tokens(cookie_headers: Iterable[str], *, secure: bool) -> tuple[str, ...]:
    """Return the refresh tokens in ``Cookie`` headers: none, one, or more than is honest."""
    name = _name(secure=secure)
    pairs = (pair.strip().partition("=") for header in cookie_headers for pair in header.split(";"))
    return tuple(value for key, _, value in pairs if key == name)


def _name(*, secure: bool) -> str:
    return _SECURE if secure else _PLAIN
