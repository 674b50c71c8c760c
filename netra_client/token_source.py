"""Where access tokens come from: renewed before they expire, by one caller at a time."""

import asyncio
import math
import time
from collections.abc import Callable
from typing import Protocol

from netra_client.errors import HttpRefused, SignedOut
from netra_client.models import TokenPair


class TokenSource(Protocol):
    """Gives out access tokens."""

    async def token(self, *, not_this: str | None = None) -> str:
        """Return a usable access token.

        Args:
            not_this: a token that was refused; the answer is a different one.

        Raises:
            SignedOut: there is none and there will be none.
        """

    @property
    def renewable(self) -> bool:
        """Whether ``not_this`` can ever lead to a different token."""

    @property
    def remaining(self) -> float:
        """Seconds until the present token should be replaced; infinite when it cannot be."""


class Refresher(Protocol):
    """Exchanges a refresh token; ``IdentityClient`` is one."""

    async def refresh(self, refresh_token: str) -> TokenPair:
        """Return a new pair; the old refresh token is spent by this."""


class FixedToken:
    """One access token that cannot be renewed, for scripts and probes.

    Args:
        access_token: a compact JWT.
    """

    renewable = False
    remaining = math.inf

    def __init__(self, access_token: str) -> None:
        self._token = access_token

    async def token(self, *, not_this: str | None = None) -> str:
        """Return the token; raises ``SignedOut`` once it was refused."""
        if not_this == self._token:
            raise SignedOut("The access token was refused and there is none to replace it")
        return self._token


class RefreshingTokens:
    """Renews the access token with the refresh token.

    Args:
        identity: performs the exchange, usually an ``IdentityClient``; owned by the caller.
        pair: the tokens of a sign-in.
        margin: seconds before its expiry at which a token is no longer given out.
        age: seconds since ``pair`` was issued, when it was stored in between.
        on_change: called with every new pair, before anybody uses it; store it there, since the
            pair before it is spent.

    Many callers may ask together: they share one exchange ("single flight"), because a refresh
    token that is presented twice revokes its session.
    """

    renewable = True

    def __init__(
        self,
        identity: Refresher,
        pair: TokenPair,
        *,
        margin: float = 60.0,
        age: float = 0.0,
        on_change: Callable[[TokenPair], None] | None = None,
    ) -> None:
        self._identity = identity
        self._pair = pair
        self._margin = margin
        self._on_change = on_change
        self._use_until = self._deadline(age)
        self._exchange: asyncio.Task[None] | None = None

    @property
    def remaining(self) -> float:
        """Seconds until the present token should be replaced; never below 0."""
        return max(0.0, self._use_until - time.monotonic())

    @property
    def pair(self) -> TokenPair:
        """The newest tokens."""
        return self._pair

    async def token(self, *, not_this: str | None = None) -> str:
        """Return a token with at least ``margin`` seconds left (less if it lives shorter).

        Raises:
            SignedOut: the refresh token is spent, expired or revoked.
            ConnectionLost, DeadlinePassed, HttpRefused: the exchange failed; ask again later.
        """
        while self._pair.access_token == not_this or time.monotonic() >= self._use_until:
            if self._exchange is None:
                self._exchange = asyncio.create_task(self._renew(), name="netra-token-refresh")
            # Shielded: when one of the waiting callers is cancelled, the exchange continues for
            # the others, and its answer, which replaces the spent token, is not lost.
            await asyncio.shield(self._exchange)
        return self._pair.access_token

    async def aclose(self) -> None:
        """Wait for an exchange in flight, so that its new tokens are not lost."""
        if self._exchange is not None:
            await asyncio.wait({self._exchange})

    async def _renew(self) -> None:
        try:
            pair = await self._identity.refresh(self._pair.refresh_token)
        except HttpRefused as error:
            if error.status in {400, 401, 403}:
                raise SignedOut from error
            raise
        finally:
            self._exchange = None
        self._pair = pair
        self._use_until = self._deadline(0.0)
        if self._on_change is not None:
            self._on_change(pair)

    def _deadline(self, age: float) -> float:
        # A token that lives shorter than the margin is used for half its life: with the full
        # margin it would be renewed on every call.
        margin = min(self._margin, self._pair.expires_in / 2)
        return time.monotonic() + self._pair.expires_in - margin - age
