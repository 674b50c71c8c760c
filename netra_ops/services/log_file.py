"""The files that servers write their output to."""

import os
from pathlib import Path
from typing import BinaryIO

TAIL_BYTES = 16 * 1024  # some 100 lines of prose, some 30 of an access log


def open_for_append(path: Path) -> BinaryIO:
    """Open ``path`` for appending, readable by its owner only: servers log statements and names.

    Append mode also makes truncation by the rotation safe: the next write goes to the new end.
    """
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def tail(path: Path, lines: int) -> str:
    """Return the last ``lines`` lines of ``path``, or an empty string when there is no file.

    Reads backwards, as much as these lines are: a log may have megabytes.
    """
    data = b""
    try:
        with path.open("rb") as file:
            start = file.seek(0, os.SEEK_END)
            while start and data.count(b"\n") <= lines:
                step = min(TAIL_BYTES, start)
                start -= step
                file.seek(start)
                data = file.read(step) + data
    except FileNotFoundError:
        return ""
    found = data.decode(errors="replace").splitlines()
    return "\n".join(found[max(0, len(found) - lines) :])


def size(path: Path) -> int:
    """Return the size of ``path`` in bytes; 0 when there is no file."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def text_from(path: Path, offset: int) -> str:
    """Return what was written to ``path`` after ``offset`` bytes, at most ``TAIL_BYTES``."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(TAIL_BYTES).decode(errors="replace")
    except FileNotFoundError:
        return ""
