"""Accounts for measurements: signed in once, renewed while they last."""

import asyncio
import os
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from netra_client import IdentityClient, RefreshingTokens
from netra_client.codes import RetryClass
from netra_client.errors import HttpRefused, NetraClientError
from netra_client.models import SignedIn
from netra_ops.environments.access import EMAIL_VARIABLE, PASSWORD_VARIABLE
from netra_ops.environments.loader import EnvironmentDescriptor
from netra_ops.errors import OperatorError, SomethingAbsent

# Below the 20 sockets that an instance grants one user: some are between closed and forgotten.
SOCKETS_PER_ACCOUNT = 15
PATIENCE_SECONDS = 90.0  # sign-ups from one address are limited; the service says when to come back


class SignInFailed(OperatorError):
    """The measurement cannot sign in."""

    code = "sign_in_failed"
    title = "Sign-in failed"


@asynccontextmanager
async def signed_in(
    address: str, descriptor: EnvironmentDescriptor, *, sockets: int, purpose: str
) -> AsyncIterator[list[RefreshingTokens]]:
    """Yield enough accounts for ``sockets`` sockets, with tokens that renew themselves.

    Args:
        address: of the platform.
        descriptor: the environment; only ``local`` gets new accounts.
        sockets: how many will be open concurrently.
        purpose: starts the new accounts' addresses.

    Raises:
        SomethingAbsent: no account is given, and this is not ``local``.
        SignInFailed: the identity service refuses or is not reached.
    """
    needed = -(-max(1, sockets) // SOCKETS_PER_ACCOUNT)
    email, password = os.environ.get(EMAIL_VARIABLE), os.environ.get(PASSWORD_VARIABLE)
    if not (email and password) and not descriptor.is_local:
        raise SomethingAbsent(
            f"no account to sign in with on {descriptor.name}",
            remedy=f"set {EMAIL_VARIABLE} and {PASSWORD_VARIABLE}",
        )
    async with IdentityClient(re.sub("^ws", "http", address)) as identity:
        found: list[RefreshingTokens] = []
        for _ in range(needed):
            try:
                if email and password:
                    pair = await identity.login(email, password)
                else:
                    pair = await _register(identity, purpose)
            except NetraClientError as error:
                raise SignInFailed(
                    f"{address}: {error.message} ({error.code})",
                    remedy=f"check the address, {EMAIL_VARIABLE} and {PASSWORD_VARIABLE}",
                ) from error
            found.append(RefreshingTokens(identity, pair))
        try:
            yield found
        finally:
            await asyncio.gather(*(tokens.aclose() for tokens in found))


async def _register(identity: IdentityClient, purpose: str) -> SignedIn:
    give_up = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        email = f"{purpose}-{secrets.token_hex(6)}@example.com"
        try:
            return await identity.register(email, secrets.token_urlsafe(24))
        except HttpRefused as error:
            pause = error.retry_after or 1.0
            is_late = asyncio.get_running_loop().time() + pause > give_up
            if error.retry is not RetryClass.BACKOFF or is_late:
                raise
            await asyncio.sleep(pause)
