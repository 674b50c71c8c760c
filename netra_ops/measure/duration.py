"""Durations as people type them: ``60s``, ``5m``, ``1h30m``, ``90``."""

import re

import typer

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


def parse_duration(text: str) -> float:
    """Return seconds; a bare number is seconds.

    Raises:
        ValueError: ``text`` is no duration above 0.
    """
    compact = text.strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", compact):
        seconds = float(compact)
    elif compact and not _PART.sub("", compact):
        seconds = sum(float(count) * SECONDS[unit] for count, unit in _PART.findall(compact))
    else:
        raise ValueError(f"{text!r} is no duration; write 60s, 5m or 1h30m")
    if seconds <= 0:
        raise ValueError(f"{text!r} is not above 0")
    return seconds


def show_duration(seconds: float) -> str:
    """Return a short text such as ``1h02m``, ``1m30s`` or ``12s``."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours}h{minutes:02d}m"
    return f"{minutes}m{left:02d}s" if minutes else f"{left}s"


def duration_of(value: str | float) -> float:
    """Return seconds for a command's option; Typer passes the option's default here as well.

    Raises:
        BadParameter: the text is no duration.
    """
    try:
        return parse_duration(str(value))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
