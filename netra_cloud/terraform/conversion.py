"""Terraform's automatic conversions between strings, numbers, booleans and collections.

Source: https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
"""

import math
import re
import unicodedata
from collections.abc import Sequence
from decimal import Context, Decimal
from typing import Any

from netra_cloud.terraform.values import SetValue, Unknown, Value

_EXACT_DIGITS = 15  # of a double; a longer decimal fraction is not the text Terraform would write
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_PRECISE = Context(prec=150)  # Terraform computes with 512 bits


class Failed(ValueError):
    """An expression that Terraform would refuse, such as a missing key or a wrong type."""


class NotKnown(Failed):
    """A value that Terraform knows and that is not computed here."""


def to_string(value: Value) -> str:
    """Return a primitive as text.

    Raises:
        Failed: the value has no conversion to text.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        text = format(Decimal(repr(value)), "f")
        if len(text.strip("-0").replace(".", "")) > _EXACT_DIGITS:
            raise NotKnown(f"{value} has no exact text")
        return text
    raise Failed(f"{type_name(value)} has no conversion to string")


def characters(text: str) -> str:
    """Return ``text`` when each code point is one character, as Terraform counts them.

    Raises:
        NotKnown: some characters are clusters of several code points.
    """
    if not text.isascii() and any(map(_joins, text)):
        raise NotKnown("clusters of code points are not counted here")
    return text


def _joins(character: str) -> bool:
    return (
        unicodedata.combining(character) != 0
        or unicodedata.category(character) in {"Mn", "Me", "Mc", "Cf", "Sk"}
        or character >= "\U0001f000"
    )


def to_number(value: Value) -> int | float:
    """Return a number, or a string that holds one.

    Raises:
        Failed: the value is no number.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return normal(Decimal(value))
    raise Failed(f"{type_name(value)} has no conversion to number")


def to_bool(value: Value) -> bool:
    """Return a boolean, or the string ``true`` or ``false``.

    Raises:
        Failed: the value is neither.
    """
    if isinstance(value, bool):
        return value
    if value in {"true", "false"}:
        return value == "true"
    raise Failed(f"{type_name(value)} has no conversion to bool")


def to_list(value: Value) -> list[Value]:
    """Return the members of a list or set.

    Raises:
        Failed: the value is neither.
    """
    if isinstance(value, list):
        return value
    raise Failed(f"{type_name(value)} is no list")


def to_map(value: Value) -> dict[str, Value]:
    """Return a map or object.

    Raises:
        Failed: the value is neither.
    """
    if isinstance(value, dict):
        return value
    raise Failed(f"{type_name(value)} is no map")


def type_name(value: Value) -> str:
    """Return the kind of a value for a message."""
    names: tuple[tuple[Any, str], ...] = (
        (bool, "bool"),
        (str, "string"),
        (int | float, "number"),
        (SetValue, "set"),
        (list, "list"),
        (dict, "map"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "null")


def decimal(number: float) -> Decimal:
    """Return a number as Terraform computes with it."""
    return Decimal(number) if isinstance(number, int) else Decimal(repr(number))


def normal(number: Decimal) -> int | float:
    """Return the integer when ``number`` is one, else the nearest float.

    Raises:
        Failed: the number is not finite.
    """
    if not number.is_finite():
        raise Failed("the result is no finite number")
    if number == number.to_integral_value():
        return int(number)
    result = float(number)
    if math.isinf(result):
        raise Failed("the number is too large")
    return result


def computed(operator: str, left: Value, right: Value) -> int | float:
    """Return ``left operator right`` for one of ``+ - * / %``.

    Raises:
        Failed: an operand is no number, or the right one is zero in a division.
    """
    a, b = decimal(to_number(left)), decimal(to_number(right))
    if operator == "+":
        return normal(_PRECISE.add(a, b))
    if operator == "-":
        return normal(_PRECISE.subtract(a, b))
    if operator == "*":
        return normal(_PRECISE.multiply(a, b))
    if b == 0:
        raise Failed("division by zero")
    if operator == "%":
        return normal(_PRECISE.remainder(a, b))
    return normal(_PRECISE.divide(a, b))


def unified(values: Sequence[Value]) -> list[Value]:
    """Return values of one type: numbers and booleans become text when they are mixed."""
    kinds = {
        type_name(value) for value in values if value is not None and not isinstance(value, Unknown)
    }
    if len(kinds) > 1 and kinds <= {"string", "number", "bool"}:
        if kinds == {"number", "bool"}:
            raise Failed("numbers and booleans have no common type")
        return [
            value if value is None or isinstance(value, Unknown) else to_string(value)
            for value in values
        ]
    return list(values)
