"""Who gets a connection's messages."""

from typing import Protocol


class Receiver(Protocol):
    """Callbacks of one connection, called from the event loop; none of them may block.

    After ``on_closed`` nothing is called any more.
    """

    def on_text(self, text: str) -> None:
        """Take a whole text message; call ``hold`` on the connection to get no further one yet."""

    def on_binary(self, data: bytes) -> None:
        """Take a whole binary message."""

    def on_writable(self) -> None:
        """Know that writing is welcome again, or pointless for ever."""

    def on_closed(self, code: int, reason: str) -> None:
        """Know that the connection ended: the peer closed, broke the protocol, or is gone (1006).

        Not called when the receiver's own ``close`` ended it.
        """
