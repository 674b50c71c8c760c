"""What the supervisor reports: to a terminal, to scripts, and to a log."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from netra_ops.services.log_file import open_for_append


@dataclass(frozen=True)
class Event:
    """Something happened.

    Args:
        event: ``part`` (a part or step changed its state), ``ready`` (everything is),
            ``failed`` (the start is given up), ``stopping``, ``stopped``.
        part: which, for ``part``.
        state: its new state, for ``part``; see ``PartState``, plus ``done``, ``skipped`` and
            ``external``.
        seconds: how long it took, when it has just been finished.
        detail: one line for the operator.
        pid: the supervisor's.
    """

    event: str
    part: str = ""
    state: str = ""
    seconds: float = 0.0
    detail: str = ""
    remedy: str = ""
    log_tail: str = ""
    exit_code: int = 0
    url: str = ""
    pid: int = 0
    time: str = ""


Listener = Callable[[Event], None]


def to_line(event: Event) -> str:
    """Serialise as one JSON line without the members that say nothing."""
    members = {name: value for name, value in asdict(event).items() if value not in ("", 0, 0.0)}
    members.setdefault("time", datetime.now(UTC).isoformat(timespec="milliseconds"))
    if "seconds" in members:
        members["seconds"] = round(event.seconds, 3)
    return json.dumps(members)


def from_line(line: str) -> Event | None:
    """Parse one line; None for a line that is no event."""
    try:
        return Event(**json.loads(line))
    except (ValueError, TypeError):
        return None


def log_listener(path: Path) -> Listener:
    """Return a listener that appends each event to ``path``."""

    def listen(event: Event) -> None:
        with open_for_append(path) as file:
            file.write(to_line(event).encode() + b"\n")

    return listen
