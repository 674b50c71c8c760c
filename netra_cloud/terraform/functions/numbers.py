"""Terraform's functions for numbers and booleans.

Source: https://developer.hashicorp.com/terraform/language/functions (numeric functions).
"""

import math
from collections.abc import Callable
from typing import Any

from netra_cloud.terraform.conversion import (
    Failed,
    computed,
    decimal,
    normal,
    to_bool,
    to_list,
    to_number,
    to_string,
)

_RANGE_LIMIT = 1024  # Terraform refuses longer ranges


def _sum(items: Any) -> int | float:
    members = to_list(items)
    if not members:
        raise Failed("sum needs a list with members")
    total: int | float = 0
    for item in members:
        total = computed("+", total, item)
    return total


def _range(*bounds: Any) -> list[int | float]:
    numbers = [to_number(bound) for bound in bounds]
    start = numbers[0] if len(numbers) > 1 else 0
    end = numbers[1] if len(numbers) > 1 else numbers[0]
    step = numbers[2] if len(numbers) > 2 else (1 if start <= end else -1)  # noqa: PLR2004
    if step == 0:
        raise Failed("range needs a step")
    result: list[int | float] = []
    current = start
    while current < end if step > 0 else current > end:
        if len(result) >= _RANGE_LIMIT:
            raise Failed(f"range has more than {_RANGE_LIMIT} numbers")
        result.append(current)
        current = computed("+", current, step)
    return result


def _parseint(text: Any, base: Any) -> int:
    return int(to_string(text), int(to_number(base)))


def _pow(base: Any, exponent: Any) -> int | float:
    return normal(decimal(to_number(base)) ** decimal(to_number(exponent)))


def _log(number: Any, base: Any) -> float:
    return math.log(to_number(number), to_number(base))


def _signum(number: Any) -> int:
    value = to_number(number)
    return (value > 0) - (value < 0)


def _extreme(choose: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *numbers: choose(to_number(number) for number in numbers)


NUMBERS: dict[str, Callable[..., Any]] = {
    "abs": lambda number: abs(to_number(number)),
    "alltrue": lambda items: all(item is not None and to_bool(item) for item in to_list(items)),
    "anytrue": lambda items: any(item is not None and to_bool(item) for item in to_list(items)),
    "ceil": lambda number: math.ceil(to_number(number)),
    "floor": lambda number: math.floor(to_number(number)),
    "log": _log,
    "max": _extreme(max),
    "min": _extreme(min),
    "parseint": _parseint,
    "pow": _pow,
    "range": _range,
    "signum": _signum,
    "sort": lambda items: sorted(to_string(item) for item in to_list(items)),
    "sum": _sum,
    "tobool": lambda value: None if value is None else to_bool(value),
    "tonumber": lambda value: None if value is None else to_number(value),
}
