"""Whether a known value can become an argument's type, by Terraform's automatic conversions.

Source: https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
"""

from collections.abc import Callable
from typing import Any

from netra_cloud.terraform.values import Unknown, Value

_BOOLEANS = ("true", "false", "1", "0")
_LISTS = frozenset({"list", "set"})


def misfit(value: Value, wanted: Any) -> str | None:
    """Return what is required instead of a value, None when the value will do.

    Args:
        value: of an argument; what is not known will do.
        wanted: its type in the schema: ``string``, ``["list", "number"]``, ``["object", {…}]``.
    """
    if value is None or isinstance(value, Unknown):
        return None
    if isinstance(wanted, str):
        scalar = _SCALARS.get(wanted)
        return None if scalar is None or scalar[1](value) else scalar[0]
    kind, element = wanted
    words = "an object" if kind == "object" else f"a {kind}"
    if not isinstance(value, list if kind in _LISTS else dict):
        return words
    if kind == "object":
        return None
    members = value if isinstance(value, list) else value.values()
    found = (misfit(one, element) for one in members)
    return next((f"{words} of which each value is {one}" for one in found if one), None)


def _is_number(value: Value) -> bool:
    if isinstance(value, bool | list | dict):
        return False
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return False
    return True


_SCALARS: dict[str, tuple[str, Callable[[Value], bool]]] = {
    "string": ("a string", lambda value: not isinstance(value, list | dict)),
    "number": ("a number", _is_number),
    "bool": ("a bool", lambda value: isinstance(value, bool) or value in _BOOLEANS),
}
