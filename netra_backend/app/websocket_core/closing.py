"""Why a connection ends: decided once, by whoever is first."""

from dataclasses import dataclass

from netra_backend.app.websocket_core.close_codes import SLOW_CONSUMER, CloseCode


@dataclass(frozen=True, slots=True)
class ServerClose:
    """We close, with a code of the table."""

    close: CloseCode
    reason: str = ""
    error_id: str | None = None

    @property
    def flush(self) -> bool:
        """Whether what is queued should be sent first; a slow consumer would not read it."""
        return self.close is not SLOW_CONSUMER


@dataclass(frozen=True, slots=True)
class PeerClosed:
    """The client closed, or its transport is gone (1006): there is nobody to send a frame to."""

    code: int
    reason: str = ""


Ending = ServerClose | PeerClosed
