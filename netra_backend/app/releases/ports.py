"""What this room needs of the sockets of its instance."""

from collections.abc import Collection
from typing import Protocol


class Departing(Protocol):
    """One open socket.

    Attributes:
        opened_at: Unix seconds.
        busy: whether a run streams to it at this moment.
    """

    @property
    def opened_at(self) -> float:
        """When it was opened."""

    @property
    def busy(self) -> bool:
        """Whether a run streams to it."""

    def leave(self) -> None:
        """Notify the client, and close with 1012 after the notice; a second call does nothing."""


class OpenSockets(Protocol):
    """The sockets of this instance."""

    def departing(self) -> Collection[Departing]:
        """Return those that are open and not leaving yet."""
