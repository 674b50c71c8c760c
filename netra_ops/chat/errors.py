"""What ``netra chat`` can fail with, besides the errors of every command."""

from netra_client.errors import ConnectionLost, HttpRefused, NetraClientError, SignedOut
from netra_ops.chat.plain_text import one_line
from netra_ops.errors import NotRunning, OperatorError

DETAIL_CHARACTERS = 300


class SignInRefused(OperatorError):
    """The identity service does not accept these credentials."""

    code = "sign_in_refused"
    title = "Sign-in refused"


class ChatFailed(OperatorError):
    """The platform answered with an error, or not at all."""

    code = "chat_failed"
    title = "The platform refused"


REMEDIES = {
    "credentials_refused": "check address and password; a new account: netra chat --sign-up",
    "password_refused": "choose another: netra chat --sign-up",
    "too_many_attempts": "wait five minutes and try again",
    "email_taken": "sign in instead: netra chat --email ADDRESS",
    "rate_limited": "wait a minute and try again",
    "unavailable": "wait a moment and try again; locally: netra status",
    "run_busy": "the thread is answering already; wait, or open another with --new",
    "thread_not_found": "list your threads: netra chat, then /threads",
    "token_invalid": "sign in again: netra chat --logout, then netra chat",
}


def explain(error: NetraClientError, *, base_url: str, is_local: bool) -> OperatorError:
    """Return the text for the operator: what happened and what to do about it."""
    detail = one_line(error.message, DETAIL_CHARACTERS)
    if isinstance(error, ConnectionLost):
        if is_local:
            return NotRunning(f"nothing answers at {base_url}", remedy="run: ./netra up")
        return ChatFailed(detail, remedy=f"is {base_url} right, and is the network up?")
    if isinstance(error, SignedOut):
        return SignInRefused(detail, remedy="run: netra chat --logout, then netra chat")
    remedy = REMEDIES.get(error.code, "")
    if isinstance(error, HttpRefused) and error.code == "credentials_refused":
        return SignInRefused(detail, remedy=remedy)
    return ChatFailed(f"{detail} ({error.code})", remedy=remedy)
