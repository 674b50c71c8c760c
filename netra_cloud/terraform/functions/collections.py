"""Terraform's functions for lists, sets and maps.

They work on collections whose members are not all known, so that references survive them.
Source: https://developer.hashicorp.com/terraform/language/functions (collection functions).
"""

from collections.abc import Callable, Iterable
from itertools import chain, product
from typing import Any

from netra_cloud.terraform.conversion import (
    Failed,
    NotKnown,
    characters,
    to_list,
    to_map,
    to_number,
    to_string,
    unified,
)
from netra_cloud.terraform.values import SetValue, Unknown, Value, is_wholly_known, key_value, same


def _ordered(items: Any) -> list[Value]:
    """Return the members of a list; a set has no order.

    Raises:
        Failed: the value is no list.
    """
    if isinstance(items, SetValue):
        raise Failed("a set has no order")
    return to_list(items)


def _merge(*maps: Any) -> dict[str, Value]:
    return dict(chain.from_iterable(to_map(m).items() for m in maps if m is not None))


def _flatten(items: Any) -> list[Value]:
    flat: list[Value] = []
    for item in to_list(items):
        flat += _flatten(item) if isinstance(item, list) else [item]
    return flat


def _lookup(mapping: Any, key: Any, *default: Any) -> Value:
    found = to_map(mapping)
    name = to_string(key)
    if name in found:
        return found[name]
    if not default:
        raise Failed(f"there is no key {name!r}")
    return default[0]  # type: ignore[no-any-return]


def _one(items: Any) -> Value:
    if items is None:
        raise Failed("one needs a list")
    members = to_list(items)
    if len(members) > 1:
        raise Failed("one needs a list of at most one element")
    return members[0] if members else None


def _coalesce(*values: Any) -> Value:
    for position, value in enumerate(values):
        if isinstance(value, Unknown):
            return value
        if value is not None and value != "":
            return unified(values[position:])[0] if _primitive(value) else value
    raise Failed("no value is set")


def _primitive(value: Value) -> bool:
    return isinstance(value, str | int | float)


def _coalescelist(*lists: Any) -> Value:
    for items in lists:
        if items is not None and len(to_list(items)) > 0:
            return to_list(items)
    raise Failed("no list has members")


def _contains(items: Any, wanted: Any) -> bool:
    members = to_list(items)
    if any(same(item, wanted) for item in members):
        return True
    if not is_wholly_known([members, wanted]):
        raise NotKnown("not all members are known")
    return False


def _distinct(items: Any) -> list[Value]:
    found: list[Value] = []
    for item in unified(to_list(items)):
        if not any(same(item, other) for other in found):
            found.append(item)
    return found


def _element(items: Any, index: Any) -> Value:
    members, position = _ordered(items), to_number(index)
    if not members or not isinstance(position, int) or position < 0:
        raise Failed("element needs a list with members and a whole number from 0")
    return members[position % len(members)]


def _index(items: Any, wanted: Any) -> int:
    for position, item in enumerate(to_list(items)):
        if same(item, wanted):
            return position
    raise Failed("the list has no such element")


def _slice(items: Any, start: Any, end: Any) -> list[Value]:
    members, first, last = _ordered(items), int(to_number(start)), int(to_number(end))
    if not 0 <= first <= last <= len(members):
        raise Failed("the range is outside the list")
    return members[first:last]


def _chunks(items: Any, size: Any) -> list[Value]:
    members, length = _ordered(items), int(to_number(size))
    if length == 0:
        return [members]
    return [members[i : i + length] for i in range(0, len(members), length)]


def _keys(mapping: Any) -> list[Value]:
    return [key_value(key) for key in sorted(to_map(mapping))]


def _values(mapping: Any) -> list[Value]:
    found = to_map(mapping)
    return [found[key] for key in sorted(found)]


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(characters(value))
    if isinstance(value, list | dict):
        return len(value)
    raise Failed("length needs a collection or a string")


def _zipmap(keys: Any, values: Any) -> dict[str, Value]:
    names, items = _ordered(keys), _ordered(values)
    if len(names) != len(items):
        raise Failed("zipmap needs lists of one length")
    return {to_string(name): item for name, item in zip(names, items, strict=True)}


def _toset(items: Any) -> Value:
    return None if items is None else SetValue(unified(to_list(items)))


def _tolist(items: Any) -> Value:
    return None if items is None else list(unified(to_list(items)))


def _tomap(mapping: Any) -> Value:
    if mapping is None:
        return None
    found = to_map(mapping)
    return dict(zip(found, unified([*found.values()]), strict=True))


def _sets(*sets: Any) -> list[list[Value]]:
    lists = [to_list(items) for items in sets]
    joined = unified([*chain.from_iterable(lists)])
    result: list[list[Value]] = []
    for items in lists:
        result.append(joined[: len(items)])
        joined = joined[len(items) :]
    return result


def _holds(items: Iterable[Value], wanted: Value) -> bool:
    return any(same(item, wanted) for item in items)


def _setunion(*sets: Any) -> SetValue:
    return SetValue(chain.from_iterable(_sets(*sets)))


def _setintersection(*sets: Any) -> SetValue:
    _require_known(sets)
    first, *others = _sets(*sets)
    return SetValue(item for item in first if all(_holds(other, item) for other in others))


def _setsubtract(left: Any, right: Any) -> SetValue:
    _require_known((left, right))
    first, other = _sets(left, right)
    return SetValue(item for item in first if not _holds(other, item))


def _require_known(values: Iterable[Any]) -> None:
    if not all(is_wholly_known(value) for value in values):
        raise NotKnown("not all members are known")


def _setproduct(*sets: Any) -> list[Value]:
    if len(sets) < 2:  # noqa: PLR2004 -- terraform demands two
        raise Failed("setproduct needs at least two sets")
    return [[*combination] for combination in product(*(to_list(items) for items in sets))]


def _transpose(mapping: Any) -> dict[str, Value]:
    result: dict[str, list[Value]] = {}
    for key, items in sorted(to_map(mapping).items()):
        for item in to_list(items):
            result.setdefault(to_string(item), []).append(key)
    return {key: result[key] for key in sorted(result)}


def _matchkeys(values: Any, keys: Any, wanted: Any) -> list[Value]:
    pairs = zip(to_list(values), to_list(keys), strict=True)
    return [value for value, key in pairs if _holds(to_list(wanted), key)]


def _concat(*lists: Any) -> list[Value]:
    if not lists:
        raise Failed("concat needs at least one list")
    return [*chain.from_iterable(_ordered(items) for items in lists)]


def _compact(items: Any) -> list[Value]:
    return [
        item if isinstance(item, Unknown) else to_string(item)
        for item in to_list(items)
        if item is not None and item != ""
    ]


COLLECTIONS: dict[str, Callable[..., Any]] = {
    "chunklist": _chunks,
    "coalesce": _coalesce,
    "coalescelist": _coalescelist,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "distinct": _distinct,
    "element": _element,
    "flatten": _flatten,
    "index": _index,
    "keys": _keys,
    "length": _length,
    "lookup": _lookup,
    "matchkeys": _matchkeys,
    "merge": _merge,
    "nonsensitive": lambda value: value,
    "one": _one,
    "reverse": lambda items: to_list(items)[::-1],
    "sensitive": lambda value: value,
    "setintersection": _setintersection,
    "setproduct": _setproduct,
    "setsubtract": _setsubtract,
    "setunion": _setunion,
    "slice": _slice,
    "tolist": _tolist,
    "tomap": _tomap,
    "toset": _toset,
    "transpose": _transpose,
    "values": _values,
    "zipmap": _zipmap,
}
