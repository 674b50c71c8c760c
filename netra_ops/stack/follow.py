"""Watches a supervisor from another process, through its event log."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from netra_ops.services.log_file import size
from netra_ops.stack.events import Event, from_line

POLL_SECONDS = 0.03
LAST_EVENTS = frozenset({"ready", "failed", "stopped"})


def follow_start(log: Path, offset: int, is_alive: Callable[[], bool]) -> Iterator[Event]:
    """Yield the events written to ``log`` after ``offset``, up to the one that decides.

    Ends without such an event when the supervisor is no longer alive and has written no more.
    """
    rest = ""
    while True:
        alive = is_alive()  # before reading: what it wrote before its end is still read below
        text, offset = _read_from(log, offset)
        *lines, rest = (rest + text).split("\n")
        for line in lines:
            event = from_line(line)
            if event is not None:
                yield event
                if event.event in LAST_EVENTS:
                    return
        if not alive:
            return
        time.sleep(POLL_SECONDS)


def _read_from(path: Path, offset: int) -> tuple[str, int]:
    if size(path) < offset:  # rotated meanwhile
        offset = 0
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read()
    except FileNotFoundError:
        return "", offset
    return data.decode(errors="replace"), offset + len(data)
