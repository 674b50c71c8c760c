"""The cause of a connection's end; the first one counts."""

from dataclasses import dataclass

from netra_backend.app.websocket_core.close_codes import SLOW_CONSUMER, CloseCode


@dataclass(frozen=True, slots=True)
class ServerClose:
    """The server closes with a code of the table."""

    close: CloseCode
    reason: str = ""
    error_id: str | None = None

    @property
    def flush(self) -> bool:
        """Whether to send the queue first; a slow consumer would not read it."""
        return self.close is not SLOW_CONSUMER


@dataclass(frozen=True, slots=True)
class PeerClosed:
    """The client closed, or the transport was lost (1006): no frame can be sent."""

    code: int
    reason: str = ""


CloseCause = ServerClose | PeerClosed
