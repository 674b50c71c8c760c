"""How one operation ended: a refused handshake is no network failure, and no slow server. Pure."""

from enum import StrEnum

from netra_client.errors import (
    ABNORMAL_CLOSURE,
    ConnectionLost,
    DeadlinePassed,
    HandshakeRefused,
    HttpRefused,
    NetraClientError,
    ProtocolViolation,
    SignedOut,
    SocketClosed,
)

FIRST_HANDSHAKE_CLOSE = 4400  # 4400 to 4499 and 4503: a refusal that a browser can read
LAST_HANDSHAKE_CLOSE = 4503


class Outcome(StrEnum):
    """The kinds of ends that lead to different actions."""

    OK = "ok"
    REFUSED = "refused"  # the server answered and said no
    NETWORK = "network"  # nothing answered, or the transport ended
    SLOW = "slow"  # a deadline passed
    CLOSED = "closed"  # an open socket was closed by the server
    PROTOCOL = "protocol"  # an answer that the protocol does not allow
    REJECTED = "rejected"  # a command was answered with an error


_KINDS: tuple[tuple[type[NetraClientError], Outcome], ...] = (
    (HandshakeRefused, Outcome.REFUSED),
    (HttpRefused, Outcome.REFUSED),
    (SignedOut, Outcome.REFUSED),
    (DeadlinePassed, Outcome.SLOW),
    (ProtocolViolation, Outcome.PROTOCOL),
    (ConnectionLost, Outcome.NETWORK),
)


def outcome_of(error: NetraClientError | None) -> Outcome:
    """Return the kind of ``error``; None is success."""
    if error is None:
        return Outcome.OK
    if isinstance(error, SocketClosed):
        refused = FIRST_HANDSHAKE_CLOSE <= error.close_code <= LAST_HANDSHAKE_CLOSE
        if error.close_code == ABNORMAL_CLOSURE:
            return Outcome.NETWORK
        return Outcome.REFUSED if refused else Outcome.CLOSED
    return next((kind for shape, kind in _KINDS if isinstance(error, shape)), Outcome.REJECTED)
