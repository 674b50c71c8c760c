"""What makes images: Docker here, Cloud Build there, or nothing but a digest on one machine."""

from collections.abc import Callable
from typing import Protocol

Report = Callable[[str], None]


class Builder(Protocol):
    """Makes the image of a service."""

    def planned(self, role: str) -> str:
        """Return the image for the present sources if it exists already, else an empty text."""

    def build(self, role: str, *, force: bool, report: Report) -> str:
        """Make the image and return its name with digest.

        Args:
            role: backend, auth or frontend.
            force: make it again although it exists.
            report: called with each line worth showing.

        Raises:
            OperatorError: it cannot be made; with the last lines of the builder.
        """
