"""What a deploy reports while it works: events, shown as lines or as JSON."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from netra_ops.terminal import has_colour

_GREEN, _RED, _DIM, _RESET = "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[0m"


class Kind(StrEnum):
    """What an event says about its step."""

    START = "start"
    NOTE = "note"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Event:
    """One line of progress.

    Attributes:
        step: such as ``stage`` or ``shift``.
        kind: start, note, done or failed.
        text: for people.
        seconds: how long the step took, when it ended.
    """

    step: str
    kind: Kind
    text: str = ""
    seconds: float = 0.0
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"))


Listener = Callable[[Event], None]


def print_line(event: Event) -> None:
    """Write an event as one line to stderr, so that stdout stays for the result."""
    mark, colour = {
        Kind.START: ("·", _DIM),
        Kind.NOTE: (" ", ""),
        Kind.DONE: ("✓", _GREEN),
        Kind.FAILED: ("✗", _RED),
    }[event.kind]
    taken = f"  ({event.seconds:.1f} s)" if event.kind in {Kind.DONE, Kind.FAILED} else ""
    if colour and has_colour(sys.stderr):
        mark = f"{colour}{mark}{_RESET}"
    sys.stderr.write(f"{mark} {event.step:<8} {event.text}{taken}\n")
    sys.stderr.flush()


def print_json_line(event: Event) -> None:
    """Write an event as one JSON object to stdout."""
    sys.stdout.write(json.dumps(asdict(event)) + "\n")
    sys.stdout.flush()


@dataclass
class Step:
    """A step that reports its start, notes and end, with the time taken."""

    name: str
    listen: Listener
    _started: float = field(default_factory=time.monotonic)

    def start(self, text: str = "") -> "Step":
        """Report that the step starts."""
        self.listen(Event(self.name, Kind.START, text))
        return self

    def note(self, text: str) -> None:
        """Report something on the way."""
        self.listen(Event(self.name, Kind.NOTE, text))

    def done(self, text: str = "") -> None:
        """Report that the step is complete."""
        self.listen(Event(self.name, Kind.DONE, text, time.monotonic() - self._started))

    def failed(self, text: str) -> None:
        """Report that the step failed."""
        self.listen(Event(self.name, Kind.FAILED, text, time.monotonic() - self._started))
