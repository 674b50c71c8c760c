"""The files that servers write their output to."""

import os
from pathlib import Path
from typing import BinaryIO

TAIL_BYTES = 16 * 1024  # enough for some 100 lines; a tail never reads a whole log


def open_for_append(path: Path) -> BinaryIO:
    """Open ``path`` for appending, readable by its owner only: servers log statements and names.

    Append mode also makes truncation by the rotation safe: the next write goes to the new end.
    """
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def tail(path: Path, lines: int) -> str:
    """Return the last ``lines`` lines of ``path``, or an empty string when there is no file."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


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
