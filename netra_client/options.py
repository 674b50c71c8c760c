"""Everything about a client that can be chosen, in one frozen value."""

from collections.abc import Callable
from dataclasses import dataclass, field

from netra_client.handshake import Credential
from netra_client.retry import ReconnectPolicy
from netra_client.states import ConnectionState
from netra_client.timeouts import ClientTimeouts

CLIENT_NAME = "netra-client-python"
CLIENT_VERSION = "0.1.0"


def ignore_state(_state: ConnectionState) -> None:
    """Ignore the state."""


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """Choices of a ``NetraClient``.

    Args:
        timeouts: every deadline, seconds.
        reconnect: bounds of the reconnect loop.
        credential: how the socket is authenticated.
        origin: sent as ``Origin``; None for a program that is no browser.
        queue_events: events that a reader may be behind before the flow is paused.
        history_messages: newest messages that a reset loads at most.
        max_frame_bytes: largest frame accepted from the server.
        name: of the program, in ``initialize`` and in ``User-Agent``.
        version: of the program.
        on_state: called with every change of the connection, in the event loop; must not block.
    """

    timeouts: ClientTimeouts = field(default_factory=ClientTimeouts)
    reconnect: ReconnectPolicy = field(default_factory=ReconnectPolicy)
    credential: Credential = Credential.SUBPROTOCOL
    origin: str | None = None
    queue_events: int = 1024
    history_messages: int = 1000
    max_frame_bytes: int = 4 * 1024 * 1024
    name: str = CLIENT_NAME
    version: str = CLIENT_VERSION
    on_state: Callable[[ConnectionState], None] = ignore_state

    def __post_init__(self) -> None:
        for name in ("queue_events", "history_messages", "max_frame_bytes"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
