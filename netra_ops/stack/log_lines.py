"""Lines of the parts' logs, for a person and for a program. Pure.

The services write JSON objects, by structlog or in the names of Cloud Logging; Envoy writes its
access log as JSON without a message; PostgreSQL, Valkey and the pages write plain lines.
"""

import json
from typing import Any

_TIME = ("time", "timestamp", "start_time")
_LEVEL = ("level", "severity")
_MESSAGE = ("message", "event", "msg")
# What the column of the part or the request says already.
_OMITTED = frozenset({"service", "logger"})

_DIM = "\x1b[2m"
_RESET = "\x1b[0m"
_COLOURS = {
    "debug": "\x1b[2m",
    "info": "\x1b[32m",
    "notice": "\x1b[32m",
    "warning": "\x1b[33m",
    "warn": "\x1b[33m",
    "error": "\x1b[31m",
    "critical": "\x1b[1;31m",
    "fatal": "\x1b[1;31m",
}


def as_json(line: str, part: str) -> str:
    """Return ``line`` as one JSON object with its ``part``; plain text is its ``message``."""
    fields = _parsed(line)
    if fields is None:
        fields = {"message": line}
    return json.dumps({"part": part, **fields}, ensure_ascii=False)


def for_people(line: str, part: str, *, colour: bool) -> str:
    """Return ``time level part message key=value ...``; plain text follows its part."""
    fields = _parsed(line)
    if fields is None:
        return f"{_dim(f'{part:<10}', colour=colour)} {_printable(line)}"
    time = _taken(fields, _TIME)
    level = _taken(fields, _LEVEL).lower()
    message = _taken(fields, _MESSAGE)
    if not message and "path" in fields:  # an access log
        names = ("method", "path", "status", "code")
        message = " ".join(str(fields.pop(name)) for name in names if name in fields)
    rest = " ".join(
        f"{name}={_value(value)}"
        for name, value in fields.items()
        if name not in _OMITTED and value is not None
    )
    columns = [
        _dim(_short(time), colour=colour),
        _painted(f"{level or '-':<8}", _COLOURS.get(level, "") if colour else ""),
        f"{part:<10}",
        _printable(message),
        _dim(_printable(rest), colour=colour) if rest else "",
    ]
    return " ".join(column for column in columns if column).rstrip()


def _parsed(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    return fields if isinstance(fields, dict) else None


def _taken(fields: dict[str, Any], names: tuple[str, ...]) -> str:
    """Remove and return the first of ``names``; empty when there is none."""
    for name in names:
        if name in fields:
            return str(fields.pop(name))
    return ""


def _short(time: str) -> str:
    """Return the time of an ISO 8601 date to the millisecond; anything else as it is."""
    clock = time.partition("T")[2].removesuffix("Z").partition("+")[0]
    return clock[:12] if clock else time


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    is_plain = text and not any(character in text for character in ' "=\n')
    return text if is_plain or not isinstance(value, str) else json.dumps(text, ensure_ascii=False)


def _printable(text: str) -> str:
    """Return ``text`` without characters that control a terminal; tabs stay."""
    return "".join(c for c in text.replace("\n", " ⏎ ") if c == "\t" or c.isprintable())


def _dim(text: str, *, colour: bool) -> str:
    return _painted(text, _DIM if colour else "")


def _painted(text: str, paint: str) -> str:
    return f"{paint}{text}{_RESET}" if paint and text else text
