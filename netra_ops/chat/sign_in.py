"""Who is talking: a stored session, a token from stdin, or a password typed without echo."""

import getpass
import os
import sys
from dataclasses import dataclass

from netra_client.errors import HttpRefused
from netra_client.identity import IdentityClient
from netra_client.models import SignedIn
from netra_client.token_source import FixedToken, RefreshingTokens, TokenSource
from netra_ops.chat.credentials import CredentialStore, SharedRefresher
from netra_ops.chat.errors import SignInRefused
from netra_ops.chat.input_text import utf8_text
from netra_ops.chat.loop_thread import LoopThread

PASSWORD_VARIABLE = "NETRA_PASSWORD"  # noqa: S105  the variable's name
ATTEMPTS = 3
# The identity service's default (PASSWORD_MIN_LENGTH); it checks the password itself.
SIGN_UP_RULE = "A new password needs at least 15 characters; several unrelated words are best."


@dataclass(frozen=True)
class SignInOptions:
    """What the command line said about signing in."""

    email: str | None = None
    sign_up: bool = False
    token_stdin: bool = False


def sign_in(
    loop: LoopThread, identity: IdentityClient, store: CredentialStore, options: SignInOptions
) -> TokenSource:
    """Return the access tokens of whoever uses the terminal.

    Raises:
        SignInRefused: no usable credential, and no one to ask.
        NetraClientError: the identity service refused or cannot be reached.
    """
    if options.token_stdin:
        token = utf8_text(sys.stdin.buffer.readline(), "stdin").strip()
        if not token:
            raise SignInRefused("--token-stdin, but the first line of stdin is empty")
        return FixedToken(token)
    stored = store.load()
    if stored is not None and not options.sign_up and options.email in {None, stored.email}:
        refresher = SharedRefresher(identity, store)
        return RefreshingTokens(refresher, stored.pair)
    signed_in = _with_password(loop, identity, options)
    store.save(signed_in.user.email, signed_in)
    return RefreshingTokens(SharedRefresher(identity, store), signed_in)


def _with_password(loop: LoopThread, identity: IdentityClient, options: SignInOptions) -> SignedIn:
    from_variable = os.environ.get(PASSWORD_VARIABLE)
    may_ask = sys.stdin.isatty()
    if not may_ask and not (options.email and from_variable):
        raise SignInRefused(
            "not signed in, and no terminal to ask for a password",
            remedy=f"run netra chat once on a terminal, or give --email and {PASSWORD_VARIABLE}, "
            "or --token-stdin",
        )
    loop.do(identity.reach())  # ask for no password while the platform is unavailable
    email = options.email or input("E-mail: ").strip()
    if options.sign_up and not from_variable:
        sys.stderr.write(f"{SIGN_UP_RULE}\n")
    for attempt in range(1, ATTEMPTS + 1):
        password = from_variable or _ask_password(twice=options.sign_up)
        try:
            if options.sign_up:
                return loop.do(identity.register(email, password))
            return loop.do(identity.login(email, password))
        except HttpRefused as error:
            retriable = error.status in {401, 422} and may_ask and not from_variable
            if not retriable or attempt == ATTEMPTS:
                raise
            sys.stderr.write(f"{error.message}\n")
    raise AssertionError("unreachable: the last attempt returns or raises")


def _ask_password(*, twice: bool) -> str:
    while True:
        password = getpass.getpass("Password: ")
        if not twice or getpass.getpass("Password again: ") == password:
            return password
        sys.stderr.write("The two differ; once more.\n")
