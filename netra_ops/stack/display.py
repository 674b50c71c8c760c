"""Displays of a start: for a script, or for a person."""

import sys
from typing import Protocol

from netra_ops.stack.events import Event, to_line


class Display(Protocol):
    """Receives every event."""

    def show(self, event: Event) -> None:
        """Show one event."""

    def close(self) -> None:
        """Leave the terminal as it should stay."""


def choose_display(*, as_json: bool) -> Display:
    """Return the display that fits stdout."""
    if as_json:
        return JsonDisplay()
    from netra_ops.stack.terminal_display import terminal_display  # noqa: PLC0415  # Rich: 0.1 s

    return terminal_display()


class JsonDisplay:
    """One JSON object a line on stdout."""

    def show(self, event: Event) -> None:
        """Write the event."""
        sys.stdout.write(to_line(event) + "\n")
        sys.stdout.flush()

    def close(self) -> None:
        """Nothing to leave."""
