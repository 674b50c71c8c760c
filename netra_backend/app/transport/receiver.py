"""The port that receives a connection's messages."""

from typing import Protocol


class Receiver(Protocol):
    """Callbacks of one connection, called in the event loop; they must not block.

    ``on_closed`` is the last call.
    """

    def on_text(self, text: str) -> None:
        """Process a whole text message; ``hold`` on the connection pauses the delivery."""

    def on_binary(self, data: bytes) -> None:
        """Process a whole binary message."""

    def on_writable(self) -> None:
        """React to the transport being writable again, or closed."""

    def on_closed(self, code: int, reason: str) -> None:
        """React to the end of the connection: peer close, violation, or connection loss (1006).

        Not called when the receiver's own ``close`` ended it.
        """
