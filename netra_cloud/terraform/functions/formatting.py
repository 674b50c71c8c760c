"""``format`` and ``formatlist``.

Source: https://developer.hashicorp.com/terraform/language/functions/format
"""

import re
from typing import Any

from netra_cloud.terraform.conversion import (
    Failed,
    NotKnown,
    decimal,
    to_bool,
    to_number,
    to_string,
)
from netra_cloud.terraform.functions.encoding import json_text

_VERB = re.compile(r"%(?P<flags>[-+ #0]*)(?P<width>\d+)?(?:\.(?P<precision>\d+))?"
                   r"(?:\[(?P<index>\d+)\])?(?P<verb>[a-zA-Z%])")  # fmt: skip
_INTEGERS = {"d": "d", "b": "b", "o": "o", "x": "x", "X": "X"}


def formatted(spec: Any, *values: Any) -> str:
    """Return ``spec`` with each verb replaced by a value.

    Raises:
        Failed: a verb without value, a value without verb, or a value of the wrong type.
    """
    position, highest, indexed = 0, 0, False

    def verb(match: re.Match[str]) -> str:
        nonlocal position, highest, indexed
        if match["verb"] == "%":
            return "%"
        if match["index"]:
            position, indexed = int(match["index"]) - 1, True
        if position >= len(values):
            raise Failed(f"{match.group()} has no value")
        text = _verb(match, values[position])
        position += 1
        highest = max(highest, position)
        return text

    text = to_string(spec)
    if "%" in _VERB.sub("", text):
        raise Failed(f"{text!r} has an incomplete verb")
    result = _VERB.sub(verb, text)
    if highest < len(values) and not indexed:
        raise Failed("too many values for format")
    return result


def _verb(match: re.Match[str], value: Any) -> str:
    kind, flags = match["verb"], match["flags"] or ""
    text = _text(kind, flags, match["precision"], value)
    width = int(match["width"] or 0)
    if "-" in flags:
        return text.ljust(width)
    if "0" in flags and kind not in {"s", "q", "v"}:
        sign = text[:1] if text[:1] in {"-", "+"} else ""
        return sign + text[len(sign) :].rjust(width - len(sign), "0")
    return text.rjust(width)


def _text(kind: str, flags: str, precision: str | None, value: Any) -> str:
    if value is None:
        raise Failed(f"%{kind} has no text for null")
    if kind == "v":
        if isinstance(value, str) and "#" in flags:
            return json_text(value)
        return to_string(value) if isinstance(value, str | bool | int | float) else json_text(value)
    if kind == "s":
        text = to_string(value)
        return text[: int(precision)] if precision else text
    if kind == "q":
        return json_text(to_string(value))
    if kind == "t":
        return to_string(to_bool(value))
    return _number_text(kind, flags, precision, to_number(value))


def _number_text(kind: str, flags: str, precision: str | None, number: float) -> str:
    plus = "+" if "+" in flags and number >= 0 else ""
    if kind in _INTEGERS:
        if not isinstance(number, int):
            raise Failed(f"%{kind} needs a whole number")
        return plus + format(int(number), _INTEGERS[kind])
    if kind == "f":
        return plus + format(decimal(number), f".{precision or 6}f")
    if kind in {"e", "E"}:
        return plus + format(float(number), f".{precision or 6}{kind}")
    raise NotKnown(f"%{kind} is not computed here")


def formatted_list(spec: Any, *values: Any) -> list[str]:
    """Return one text for each element of the lists among ``values``.

    Raises:
        Failed: lists of different lengths.
    """
    lengths = {len(value) for value in values if isinstance(value, list)}
    if len(lengths) != 1:
        raise Failed("formatlist needs lists of one length")
    return [
        formatted(spec, *(value[i] if isinstance(value, list) else value for value in values))
        for i in range(lengths.pop())
    ]
