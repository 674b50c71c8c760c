"""The Terraform functions that a reader needs in order to know names, timeouts and headers.

Semantics are those of https://developer.hashicorp.com/terraform/language/functions. What is not
here evaluates to an unknown value, which rules treat as "cannot be judged".
"""

import json
from collections.abc import Callable
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote_plus

Function = Callable[..., Any]


def _merge(*maps: dict[str, Any] | None) -> dict[str, Any]:
    return dict(chain.from_iterable((m or {}).items() for m in maps))


def _flatten(items: list[Any]) -> list[Any]:
    return [
        leaf for item in items for leaf in (_flatten(item) if isinstance(item, list) else [item])
    ]


def _lookup(mapping: dict[str, Any], key: str, default: Any = None) -> Any:
    return mapping.get(key, default)


def _one(items: list[Any]) -> Any:
    return items[0] if items else None


def _toset(items: list[Any]) -> list[Any]:
    return sorted({str(item) for item in items}) if items else []


def _format(spec: str, *values: Any) -> str:
    return spec.replace("%q", '"%s"').replace("%v", "%s") % values


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _removesuffix(text: str, suffix: str) -> str:
    return text.removesuffix(suffix)


FUNCTIONS: dict[str, Function] = {
    "basename": lambda path: PurePosixPath(path).name,
    "coalesce": lambda *values: next(value for value in values if value not in {None, ""}),
    "compact": lambda items: [item for item in items if item],
    "concat": lambda *lists: list(chain.from_iterable(lists)),
    "contains": lambda items, item: item in items,
    "dirname": lambda path: str(PurePosixPath(path).parent),
    "distinct": lambda items: list(dict.fromkeys(items)),
    "flatten": _flatten,
    "format": _format,
    "join": lambda separator, items: separator.join(_text(item) for item in items),
    "jsondecode": json.loads,
    "jsonencode": lambda value: json.dumps(value, separators=(",", ":")),
    "keys": sorted,
    "length": len,
    "lookup": _lookup,
    "lower": lambda text: text.lower(),
    "max": max,
    "merge": _merge,
    "min": min,
    "one": _one,
    "range": lambda *bounds: list(range(*bounds)),
    "replace": lambda text, old, new: text.replace(old, new),
    "split": lambda separator, text: text.split(separator),
    "tobool": lambda value: value in {True, "true"},
    "tolist": lambda items: list(items),  # noqa: PLW0108 -- a type has no __name__ in a trace
    "tomap": lambda mapping: dict(mapping),  # noqa: PLW0108
    "tonumber": lambda value: float(value) if "." in str(value) else int(value),
    "toset": _toset,
    "tostring": _text,
    "trim": lambda text, characters: text.strip(characters),
    "trimprefix": lambda text, prefix: text.removeprefix(prefix),
    "trimspace": lambda text: text.strip(),
    "trimsuffix": _removesuffix,
    "upper": lambda text: text.upper(),
    "urlencode": quote_plus,
    "values": lambda mapping: [mapping[key] for key in sorted(mapping)],
}


def file_function(directory: Path) -> Function:
    """Return ``file(path)``: the text of a file, relative paths counted from ``directory``."""

    def read(path: str) -> str:
        return (directory / path).read_text(encoding="utf-8")

    return read
