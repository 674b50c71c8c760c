"""What the client raises.

::

    NetraClientError
    ├── InvalidUse          the caller asked for something that cannot be
    ├── ClientClosed        the caller closed the client while this was waiting
    ├── DeadlinePassed      a deadline of ClientTimeouts, by its name
    ├── ProtocolViolation   the server sent what the protocol does not allow
    ├── ConnectionLost      the network: unreachable, reset, no answer to a ping
    ├── HandshakeRefused    an HTTP answer in place of the upgrade
    ├── SocketClosed        a close code of the table in docs/protocol.md
    ├── CommandRejected     a JSON-RPC error answered a command
    ├── HttpRefused         an HTTP error (problem+json, RFC 9457)
    ├── SignedOut           the refresh token is spent or revoked; sign in again
    └── RunFailed           the run ended with RUN_ERROR

Each carries ``code`` (stable, snake_case), ``retry`` (what may be done) and ``retry_after``
(seconds, a floor given by the server, or None). No message contains a token or a password.
"""

import re

from netra_client.codes import CLOSE_CODES, RetryClass

ABNORMAL_CLOSURE = 1006  # RFC 6455 section 7.1.5: the transport ended without a close frame
_RETRY_OF_STANDARD_CLOSE = {
    1001: RetryClass.NOW,  # going away
    1006: RetryClass.NOW,
    1011: RetryClass.BACKOFF,  # a proxy or another server; Netra never sends it on purpose
    1013: RetryClass.BACKOFF,  # try again later
    1014: RetryClass.BACKOFF,  # bad gateway
}
_FIRST_PRIVATE_CLOSE_CODE = 4000
# Closes that blame a frame: RFC 6455 section 7.4.1 (protocol error, unsupported data, not UTF-8,
# too large) and Netra's 4400. The connection's successor works, unless the frame is sent again.
_CLOSE_CODES_OF_FRAMES = frozenset({1002, 1003, 1007, 1009, 4400})
_HINT = re.compile(r"\bretryAfterMs=(\d{1,9})\b")  # of a handshake refused by a close


class NetraClientError(Exception):
    """Base of the tree.

    Args:
        message: for the person who reads it.
        code: stable machine-readable name.
        retry: what may be done about it.
        retry_after: seconds that the server asked to wait, if it did.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        retry: RetryClass = RetryClass.NEVER,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.retry = retry
        self.retry_after = retry_after


class InvalidUse(NetraClientError):
    """The caller asked for something that cannot be; a defect of the calling program."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="invalid_use")


class ClientClosed(NetraClientError):
    """The client was closed, by its owner, while this was waiting."""

    def __init__(self) -> None:
        super().__init__("The client is closed", code="client_closed")


class DeadlinePassed(NetraClientError):
    """A wait took longer than ``ClientTimeouts`` allows; ``name`` is the field's name."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(
            f"No answer within {seconds:g} s ({name})",
            code="deadline_passed",
            retry=RetryClass.BACKOFF,
        )
        self.name = name
        self.seconds = seconds


class ProtocolViolation(NetraClientError):
    """The server sent something that the protocol does not allow."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="protocol_violation", retry=RetryClass.BACKOFF)


class ConnectionLost(NetraClientError):
    """The server cannot be reached, or the transport ended."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="connection_lost", retry=RetryClass.BACKOFF)


class HandshakeRefused(NetraClientError):
    """An HTTP answer in place of the upgrade; ``status`` is its status."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str,
        retry: RetryClass,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(
            f"Socket refused with HTTP {status}: {message}",
            code=code,
            retry=retry,
            retry_after=retry_after,
        )
        self.status = status


class SocketClosed(NetraClientError):
    """The server closed the socket; ``close_code`` and ``reason`` as in RFC 6455 section 5.5.1."""

    def __init__(self, close_code: int, reason: str, *, retry_after: float | None = None) -> None:
        row = CLOSE_CODES.get(close_code)
        if retry_after is None and (hint := _HINT.search(reason)):
            retry_after = int(hint[1]) / 1000
        name = row.name if row else f"close_{close_code}"
        super().__init__(
            f"Socket closed: {close_code} {reason or name}",
            code=name,
            retry=retry_class_of_close(close_code),
            retry_after=retry_after,
        )
        self.close_code = close_code
        self.reason = reason

    @property
    def blames_a_frame(self) -> bool:
        """Whether a frame that was sent ended the connection; only another frame helps."""
        return self.close_code in _CLOSE_CODES_OF_FRAMES


class CommandRejected(NetraClientError):
    """A JSON-RPC error; ``number`` is its code, ``error_id`` names it in the server's log."""

    def __init__(
        self,
        number: int,
        message: str,
        *,
        code: str,
        retry: RetryClass,
        retry_after: float | None = None,
        error_id: str | None = None,
    ) -> None:
        super().__init__(message, code=code, retry=retry, retry_after=retry_after)
        self.number = number
        self.error_id = error_id


class HttpRefused(NetraClientError):
    """An HTTP error; ``status`` is its status, ``code`` that of the problem document."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str,
        retry: RetryClass,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, code=code, retry=retry, retry_after=retry_after)
        self.status = status


class SignedOut(NetraClientError):
    """The session cannot be renewed: the refresh token is spent, expired or revoked."""

    def __init__(self, message: str = "The session has ended; sign in again") -> None:
        super().__init__(message, code="signed_out")


class RunFailed(NetraClientError):
    """The run ended with RUN_ERROR; ``code`` is the event's code."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message, code=code)


def retry_class_of_close(close_code: int) -> RetryClass:
    """Return the retry class of any close code: Netra's table, then RFC 6455's, then by range.

    An unknown private code is most likely a newer server's: ``backoff`` keeps the client alive
    without making it a nuisance. Any other unknown code means that this client is not welcome.
    """
    if row := CLOSE_CODES.get(close_code):
        return row.retry
    if close_code >= _FIRST_PRIVATE_CLOSE_CODE:
        return RetryClass.BACKOFF
    return _RETRY_OF_STANDARD_CLOSE.get(close_code, RetryClass.NEVER)
