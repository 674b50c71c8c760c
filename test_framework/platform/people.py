"""People who use the platform in a test: an account, its tokens, and what it sent secretly."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from netra_client import (
    ClientOptions,
    IdentityClient,
    NetraClient,
    ReconnectPolicy,
    RefreshingTokens,
)
from netra_client.models import SignedIn

QUICK = ClientOptions(reconnect=ReconnectPolicy(first=0.1, cap=1.0))


@dataclass
class Person:
    """An account that exists on the platform."""

    email: str
    password: str
    user_id: UUID
    signed_in: SignedIn
    identity: IdentityClient

    @property
    def token(self) -> str:
        """The access token of the registration."""
        return self.signed_in.access_token

    @asynccontextmanager
    async def client(
        self, base_url: str, options: ClientOptions = QUICK
    ) -> AsyncIterator[NetraClient]:
        """Connect, possibly through a proxy at ``base_url``, with a sign-in of its own."""
        tokens = RefreshingTokens(
            self.identity, await self.identity.login(self.email, self.password)
        )
        async with NetraClient(base_url, tokens, options) as client:
            yield client


@asynccontextmanager
async def new_person(base_url: str) -> AsyncIterator[Person]:
    """Register an account with an unguessable address and password."""
    email = f"{secrets.token_hex(8)}@example.com"
    password = secrets.token_urlsafe(18)
    async with IdentityClient(base_url) as identity:
        signed_in = await identity.register(email, password)
        yield Person(email, password, signed_in.user.id, signed_in, identity)
