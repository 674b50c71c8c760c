"""One request of a browser and its answer, with the cookies of both."""

import time
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response

from auth_service.app.accounts.models import UserRow
from auth_service.app.browser import cookies
from auth_service.app.browser.origin import check_origin
from auth_service.app.browser.schemas import BrowserSessionBody
from auth_service.app.http.client import CurrentServices
from auth_service.app.services import Services
from auth_service.app.sessions.routes import NO_STORE
from auth_service.app.sessions.service import IssuedTokens

MAX_TOKEN = 256  # issued tokens have 47; longer text is refused before it is hashed


@dataclass(frozen=True, slots=True)
class BrowserExchange:
    """A request whose origin has been checked.

    Attributes:
        presented: the refresh tokens in its cookies.
        secure: whether the page was loaded over TLS.
    """

    presented: tuple[str, ...]
    secure: bool
    response: Response
    services: Services

    @property
    def refresh_token(self) -> str | None:
        """The refresh token; ``None`` without one, and with two, of which one is planted."""
        if len(self.presented) == 1 and 0 < len(self.presented[0]) <= MAX_TOKEN:
            return self.presented[0]
        return None

    async def end_former(self) -> None:
        """End the previous session of the browser."""
        if (token := self.refresh_token) is not None:
            await self.services.sessions.sign_out(token)

    def established(self, user: UserRow, tokens: IssuedTokens) -> BrowserSessionBody:
        """Return ``tokens``: the access token in the body, the refresh token in the cookie."""
        cookies.set_session(
            self.response,
            tokens,
            secure=self.secure,
            issued_ms=time.time_ns() // 1_000_000,
        )
        self.response.headers.update(NO_STORE)
        return BrowserSessionBody.of(user, tokens)

    def forget(self, response: Response) -> None:
        """Delete the cookies with ``response``."""
        cookies.clear_session(response, secure=self.secure)


def browser_exchange(
    request: Request, response: Response, services: CurrentServices
) -> BrowserExchange:
    """Check the origin and read the cookies."""
    origin = check_origin(
        request.headers.getlist("origin"),
        request.headers.getlist("sec-fetch-site"),
        services.settings.allowed_origins,
    )
    secure = origin.startswith("https://")
    presented = cookies.presented_tokens(request.headers.getlist("cookie"), secure=secure)
    return BrowserExchange(presented, secure, response, services)


CurrentBrowser = Annotated[BrowserExchange, Depends(browser_exchange)]
