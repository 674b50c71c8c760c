"""What the client reports about its connection, so that a program can show it honestly."""

from dataclasses import dataclass

from netra_client.errors import NetraClientError


@dataclass(frozen=True, slots=True)
class Connecting:
    """An attempt starts; ``attempt`` counts from 1 since the last good connection."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Connected:
    """Commands and events flow. ``instance_id`` names the server process."""

    connection_id: str
    instance_id: str
    revision: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Disconnected; the next attempt starts in ``seconds``. ``cause`` says why."""

    seconds: float
    cause: NetraClientError


@dataclass(frozen=True, slots=True)
class Leaving:
    """Still connected, but the connection is about to be replaced in ``seconds``.

    ``reason`` is ``draining`` (the instance shuts down) or ``max_age``.
    """

    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Closed:
    """The end; ``error`` is None when the owner closed the client."""

    error: NetraClientError | None


ConnectionState = Connecting | Connected | Waiting | Leaving | Closed
