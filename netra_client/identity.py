"""Register, sign in, renew, sign out: the identity service over HTTP."""

from types import TracebackType
from typing import Any, Self

from netra_client.http import HttpTransport, parse
from netra_client.models import SignedIn, SocketTicket, TokenPair, User
from netra_client.timeouts import ClientTimeouts


class IdentityClient:
    """Speaks to ``/api/auth``.

    Args:
        base_url: the platform's address, for example ``http://localhost:8080``.
        timeouts: ``http`` bounds each call.

    Every method raises ``HttpRefused`` with the service's code (``credentials_refused``, ...),
    ``ConnectionLost`` when it cannot be reached and ``DeadlinePassed`` when it does not answer.
    """

    def __init__(self, base_url: str, timeouts: ClientTimeouts | None = None) -> None:
        self._http = HttpTransport(base_url, timeouts or ClientTimeouts())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._http.aclose()

    async def reach(self) -> None:
        """Return when the identity service answers; ask before a person types a password."""
        await self._http.send("GET", "/api/auth/.well-known/jwks.json", repeatable=True)

    async def register(
        self, email: str, password: str, display_name: str | None = None
    ) -> SignedIn:
        """Create an account and sign in to it."""
        body: dict[str, Any] = {"email": email, "password": password}
        if display_name is not None:
            body["display_name"] = display_name
        return parse(await self._http.send("POST", "/api/auth/register", body=body), SignedIn)

    async def login(self, email: str, password: str) -> SignedIn:
        """Sign in."""
        body = {"email": email, "password": password}
        return parse(await self._http.send("POST", "/api/auth/login", body=body), SignedIn)

    async def refresh(self, refresh_token: str) -> TokenPair:
        """Exchange a refresh token for a new pair.

        The old refresh token is spent by this, whether or not the answer arrives: presenting it
        again revokes the whole session. Hence no automatic retry.
        """
        body = {"refresh_token": refresh_token}
        return parse(await self._http.send("POST", "/api/auth/refresh", body=body), TokenPair)

    async def logout(self, refresh_token: str) -> None:
        """Revoke the session of the refresh token; harmless when it is already revoked."""
        body = {"refresh_token": refresh_token}
        await self._http.send("POST", "/api/auth/logout", body=body, repeatable=True)

    async def me(self, access_token: str) -> User:
        """Return whose access token this is."""
        content = await self._http.send("GET", "/api/auth/me", token=access_token, repeatable=True)
        return parse(content, User)

    async def socket_ticket(self, access_token: str) -> SocketTicket:
        """Return a single-use ticket for one socket."""
        content = await self._http.send(
            "POST", "/api/auth/ws-ticket", token=access_token, repeatable=True
        )
        return parse(content, SocketTicket)
