"""Reads the JSON form of protobuf messages strictly, and writes it canonically.

Rules of https://protobuf.dev/programming-guides/json/: ``snake_case`` and ``lowerCamelCase`` names
are accepted, enums by name or number, 64-bit integers as text or number. An unknown field is
refused, as Google's APIs refuse it.
"""

import json
from pathlib import Path
from typing import Any

from netra_cloud.run.core.errors import InvalidArgument

Json = dict[str, Any]

_SCHEMA: Json = json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))
_MESSAGES: dict[str, dict[str, list[Any]]] = _SCHEMA["messages"]
_ENUMS: dict[str, dict[str, str]] = _SCHEMA["enums"]
_OPAQUE = ("google.protobuf.Timestamp", "google.protobuf.Duration")
SERVICE = "google.cloud.run.v2.Service"


def snake(name: str) -> str:
    """Return a field's name as the proto file spells it."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def camel(name: str) -> str:
    """Return a field's name as JSON spells it."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def fields_of(message: str) -> dict[str, list[Any]]:
    """Return the fields of a message: JSON name -> type and whether it repeats."""
    return _MESSAGES[message]


def read(message: str, value: Any, path: str = "") -> Json:
    """Return the canonical JSON of a message.

    Fields with null are left out, as JSON's null is the default value.

    Raises:
        InvalidArgument: an unknown field or a value of the wrong type.
    """
    if not isinstance(value, dict):
        raise _invalid(path, message, value)
    fields = _MESSAGES[message]
    result: Json = {}
    for key, item in value.items():
        name = key if key in fields else camel(key)
        if name not in fields:
            where = f" at '{path}'" if path else ""
            text = f'Invalid JSON payload received. Unknown name "{key}"{where}: Cannot find field.'
            raise InvalidArgument(text, (path, text))
        if item is None:
            continue
        kind, repeated = fields[name]
        inner = f"{path}.{snake(name)}" if path else snake(name)
        if repeated:
            if not isinstance(item, list):
                raise _invalid(inner, kind, item)
            result[name] = [_value(kind, one, inner) for one in item]
        else:
            result[name] = _value(kind, item, inner)
    return result


def _value(kind: str, value: Any, path: str) -> Any:
    if kind == "map":
        if not isinstance(value, dict):
            raise _invalid(path, kind, value)
        return {str(key): str(item) for key, item in value.items()}
    if kind in _ENUMS:
        return _enum(kind, value, path)
    if kind in _OPAQUE:
        if not isinstance(value, str):
            raise _invalid(path, kind, value)
        return value
    if kind in _MESSAGES:
        return read(kind, value, path)
    return _scalar(kind, value, path)


def _enum(kind: str, value: Any, path: str) -> str:
    names = _ENUMS[kind]
    if isinstance(value, int) and not isinstance(value, bool) and str(value) in names:
        return names[str(value)]
    if isinstance(value, str) and value in names.values():
        return value
    raise _invalid(path, kind, value)


def _scalar(kind: str, value: Any, path: str) -> Any:
    match kind, value:
        case "string", str():
            return value
        case "bool", bool():
            return value
        case "float", int() | float() if not isinstance(value, bool):
            return float(value)
        case "int32" | "int64", int() if not isinstance(value, bool):
            return value if kind == "int32" else str(value)
        case "int32" | "int64", str() if value.lstrip("-").isdigit():
            return int(value) if kind == "int32" else value
    raise _invalid(path, kind, value)


def _invalid(path: str, kind: str, value: Any) -> InvalidArgument:
    name = f"type.googleapis.com/{kind}" if "." in kind else f"TYPE_{kind.upper()}"
    shown = f'"{value}"' if isinstance(value, str) else json.dumps(value)
    text = f"Invalid value at '{path}' ({name}), {shown}"
    return InvalidArgument(text, (path, text))
