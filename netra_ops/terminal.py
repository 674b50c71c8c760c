"""Small things that every command does with a terminal."""

import json
import os
import sys
from typing import TextIO

RED = "\x1b[31m"
BOLD = "\x1b[1m"
RESET = "\x1b[0m"


def has_colour(stream: TextIO) -> bool:
    """Return whether to colour ``stream``: a terminal that can, and NO_COLOR unset.

    Source: https://no-color.org
    """
    is_dumb = os.environ.get("TERM") == "dumb"
    return stream.isatty() and not is_dumb and not os.environ.get("NO_COLOR")


def print_error(what: str, remedy: str) -> None:
    """Write one line for what happened and one for the remedy to stderr."""
    paint, reset = (f"{BOLD}{RED}", RESET) if has_colour(sys.stderr) else ("", "")
    sys.stderr.write(f"{paint}netra: {what}{reset}\n")
    if remedy:
        sys.stderr.write(f"  -> {remedy}\n")


def keep_lines(text: str) -> str:
    r"""Mark every paragraph of a help text so that its lines are not re-flowed (click's \b)."""
    return "\b\n" + text.replace("\n\n", "\n\n\b\n")


def print_json(value: object) -> None:
    """Write ``value`` as JSON to stdout."""
    sys.stdout.write(json.dumps(value, indent=2, default=str) + "\n")
