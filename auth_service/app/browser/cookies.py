"""The two cookies of a browser session: one that scripts cannot read, and one that they can.

``Path`` is narrower than ``__Host-`` allows (it requires ``/``), so that the token never reaches
the gateway, the pages or their logs. ``__Host-`` protects against a cookie planted by a sibling
subdomain; this service instead refuses a request with two cookies (docs/decisions/0005).
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
    """Store the refresh token and a hint that it exists.

    The hint shows a page whether a refresh can succeed and when the token was last renewed, so that
    a page can wait for the answer to a refresh that the previous page started.

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
    """Return the refresh tokens in ``Cookie`` headers; more than one means a planted cookie."""
    name = _name(secure=secure)
    pairs = (pair.strip().partition("=") for header in cookie_headers for pair in header.split(";"))
    return tuple(value for key, _, value in pairs if key == name)


def _name(*, secure: bool) -> str:
    return _SECURE if secure else _PLAIN
