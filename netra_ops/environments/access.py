"""How an operator's check gets in: where the environment is, and an access token there."""

import os
import re
import secrets

from netra_client.identity import IdentityClient
from netra_ops.environments.loader import EnvironmentDescriptor
from netra_ops.errors import SomethingAbsent
from netra_ops.stack.paths import stack_paths
from netra_ops.stack.state import read_running

EMAIL_VARIABLE = "NETRA_EMAIL"
PASSWORD_VARIABLE = "NETRA_PASSWORD"  # noqa: S105  the variable's name


def address_of(descriptor: EnvironmentDescriptor, url: str | None) -> str:
    """Return where to ask: ``url`` if given, the running local stack, or the descriptor's address.

    Raises:
        SomethingAbsent: the address of the environment is not set.
    """
    if url:
        return url.rstrip("/")
    if descriptor.is_local and (running := read_running(stack_paths(None).state)):
        return running.url
    descriptor.require_address()
    return descriptor.base_url


def origin_of(address: str, descriptor: EnvironmentDescriptor) -> str:
    """Return the Origin that a page of this environment has."""
    return (
        address if descriptor.is_local and address.startswith("http") else descriptor.frontend_url
    )


async def sign_in(
    address: str, descriptor: EnvironmentDescriptor, *, purpose: str, instead: str = ""
) -> str:
    """Return an access token: of the given account, or locally of a new one.

    Args:
        address: of the platform.
        descriptor: the environment; only ``local`` gets a new account.
        purpose: prefix of the new account's address, such as ``header-contract``.
        instead: what else the operator could give, for the remedy.

    Raises:
        SomethingAbsent: no account is given, and this is not ``local``.
        NetraClientError: the identity service refuses or is not reached.
    """
    email, password = os.environ.get(EMAIL_VARIABLE), os.environ.get(PASSWORD_VARIABLE)
    # ws://host and wss://host name the same place as http://host and https://host
    async with IdentityClient(re.sub("^ws", "http", address)) as identity:
        if email and password:
            return (await identity.login(email, password)).access_token
        if not descriptor.is_local:
            raise SomethingAbsent(
                f"no account to sign in with on {descriptor.name}",
                remedy=f"set {EMAIL_VARIABLE} and {PASSWORD_VARIABLE}{instead}",
            )
        made = f"{purpose}-{secrets.token_hex(6)}@example.com"
        return (await identity.register(made, secrets.token_urlsafe(24))).access_token
