"""Types of variables: conversion of given values, and the defaults of optional attributes.

Source: https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from collections.abc import Callable

from netra_cloud.terraform.conversion import (
    Failed,
    to_bool,
    to_list,
    to_map,
    to_number,
    to_string,
)
from netra_cloud.terraform.syntax.nodes import Call, Literal, Name, Node, Object, Tuple
from netra_cloud.terraform.values import SetValue, Unknown, Value

Evaluate = Callable[[Node], Value]
_PRIMITIVES: dict[str, Callable[[Value], Value]] = {
    "string": to_string,
    "number": to_number,
    "bool": to_bool,
}


def converted(value: Value, constraint: Node | None, evaluate: Evaluate) -> Value:
    """Return ``value`` as a value of the type ``constraint``.

    Args:
        value: what was given, or the default.
        constraint: the expression of ``type``; None accepts everything.
        evaluate: evaluates the defaults of ``optional(type, default)``.

    Raises:
        Failed: the value has no conversion to the type.
    """
    if value is None or isinstance(value, Unknown) or constraint is None:
        return value
    if isinstance(constraint, Name):
        convert = _PRIMITIVES.get(constraint.name)
        return value if convert is None else convert(value)
    if isinstance(constraint, Literal) and isinstance(constraint.value, str):
        convert = _PRIMITIVES.get(constraint.value)  # the form of Terraform 0.11
        return value if convert is None else convert(value)
    if isinstance(constraint, Call) and constraint.arguments:
        return _constructed(value, constraint, evaluate)
    return value


def _constructed(value: Value, constraint: Call, evaluate: Evaluate) -> Value:
    inner = constraint.arguments[0]
    if constraint.name in {"list", "set"}:
        items = [converted(item, inner, evaluate) for item in to_list(value)]
        return SetValue(items) if constraint.name == "set" else items
    if constraint.name == "map":
        return {k: converted(item, inner, evaluate) for k, item in to_map(value).items()}
    if constraint.name == "object" and isinstance(inner, Object):
        return _object(to_map(value), inner, evaluate)
    if constraint.name == "tuple" and isinstance(inner, Tuple):
        pairs = zip(to_list(value), inner.items, strict=True)
        return [converted(item, part, evaluate) for item, part in pairs]
    return value


def _object(value: dict[str, Value], fields: Object, evaluate: Evaluate) -> Value:
    result: dict[str, Value] = {}
    for key, constraint in fields.items:
        name = str(evaluate(key))
        is_optional = isinstance(constraint, Call) and constraint.name == "optional"
        arguments = constraint.arguments if isinstance(constraint, Call) and is_optional else []
        inner = arguments[0] if arguments else constraint
        given = value.get(name)
        if given is None:
            if name not in value and not is_optional:
                raise Failed(f"the attribute {name!r} is required")
            given = evaluate(arguments[1]) if len(arguments) > 1 else None
        result[name] = converted(given, inner, evaluate)
    return result
