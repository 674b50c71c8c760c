"""The release epoch: which release sockets belong to from a moment on. Pure.

A traffic change on Cloud Run moves no open socket and sends no signal to the old revision, so the
release says it itself: one value in the stream store that every gateway reads.
"""

from collections.abc import Iterator
from enum import StrEnum

import msgspec


class Mode(StrEnum):
    """How sockets of another release leave."""

    PACE = "pace"  # a few per second
    FINISH = "finish"  # the same, each after its runs have ended
    NOW = "now"  # all of them, spread over a moment


class Epoch(msgspec.Struct, frozen=True):
    """One decision about releases.

    Attributes:
        release: the release that sockets belong to from now on; empty for one without an id.
        at: Unix seconds; sockets that were opened later stay where they are.
        mode: how the others leave.
        per_second: how many leave an instance per second.
    """

    release: str
    at: float
    mode: Mode = Mode.PACE
    per_second: float = 40.0


_decoder = msgspec.json.Decoder(Epoch)


def encode(epoch: Epoch) -> bytes:
    """Return the stored form."""
    return msgspec.json.encode(epoch)


def decode(stored: bytes) -> Epoch:
    """Read the stored form.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    return _decoder.decode(stored)


def must_leave(epoch: Epoch, *, release: str, opened_at: float) -> bool:
    """Return whether a socket leaves its instance.

    A socket opened after the epoch stays, on any release: so no one reconnects twice in one
    deploy, and traffic that was moved by hand cannot make clients go in circles.

    Args:
        epoch: the decision.
        release: of the instance that holds the socket.
        opened_at: Unix seconds.
    """
    return release != epoch.release and opened_at < epoch.at


def departures(count: int, per_second: float) -> Iterator[float]:
    """Yield the seconds after which each of ``count`` sockets leaves, evenly spaced."""
    for number in range(count):
        yield number / per_second
