"""Reads what the google provider checks before a plan out of the definitions it is generated from.

The provider's schema has types only. Its checks of values (allowed words, patterns, bounds, fields
that exclude or require each other) and its defaults are in the YAML files of magic-modules. What
each member becomes is in mmv1/templates/terraform/schema_property.go.tmpl and mmv1/api/type.go
there. Pure: parsed YAML in, facts out.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Definition = Mapping[str, Any]
Facts = dict[str, dict[str, Any]]
"""The facts of one resource by the path of the argument, with dots between its blocks."""

# The members that name other fields, and the fact that each becomes.
_GROUPS = {
    "conflicts": "conflicts",
    "exactly_one_of": "one_of",
    "at_least_one_of": "at_least",
    "required_with": "companions",
}
_WRITE_ONLY = "_wo"


def resource_type(product: Definition, resource: Definition) -> str:
    """Return the Terraform type of a resource, as ``TerraformName`` in mmv1/api/resource.go."""
    if "legacy_name" in resource:
        return str(resource["legacy_name"])
    service = _underscored(product.get("legacy_name") or product["name"])
    return f"google_{service}_{_underscored(resource['name'])}"


def extract(resource: Definition) -> Facts:
    """Return the facts of a resource; arguments without any are left out."""
    top = [*(resource.get("parameters") or ()), *(resource.get("properties") or ())]
    found: Facts = {}
    for path, field in _walk(top, ()):
        facts = _facts(field) | _groups(field, path, top)
        if facts:
            found[".".join(path)] = facts
    return found


def _walk(
    fields: Sequence[Definition], above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Definition]]:
    for field in fields:
        if field.get("exclude") or field.get("output"):
            continue
        path = (*above, _underscored(field["name"]))
        if field.get("flatten_object"):
            yield from _walk(field.get("properties", ()), above)
            continue
        yield path, field
        yield from _walk(_nested(field), path)


def _nested(field: Definition) -> Sequence[Definition]:
    for holder in (field, field.get("item_type"), field.get("value_type")):
        if holder is not None and holder.get("properties"):
            fields: Sequence[Definition] = holder["properties"]
            return fields
    return ()


def _facts(field: Definition) -> dict[str, Any]:
    item = field.get("item_type") or {}
    facts: dict[str, Any] = {}
    values = field if field["type"] == "Enum" else item if item.get("type") == "Enum" else None
    if values is not None:
        facts["enum"] = [str(value) for value in values.get("enum_values", ())]
    else:
        facts |= _check(field.get("validation") or field.get("item_validation") or {})
    default = field.get("default_value")
    if isinstance(default, str | int | float):
        facts["default"] = default
    if field.get("send_empty_value") and field["type"] in ("Integer", "Double"):
        facts["sends_zero"] = True
    return facts


def _check(validation: Definition) -> dict[str, Any]:
    if "regex" in validation:
        return _pattern(str(validation["regex"]))
    function = str(validation.get("function", ""))
    for expression, fact in _FUNCTIONS.items():
        if found := re.fullmatch(expression, function):
            return fact(found)
    return {}


def _between(found: re.Match[str]) -> dict[str, Any]:
    bounds = [_number(found[2]), _number(found[3])]
    # The provider refuses every value but 0 with (0, 0), which its templates correct by hand.
    return {"length" if found[1] == "StringLen" else "range": bounds} if bounds != [0, 0] else {}


def _pattern(expression: str) -> dict[str, Any]:
    """Return the fact of a pattern; nothing when Go's syntax means another thing in Python."""
    # \p{…} and \z are Go's alone, and a class in a class is a warning here.
    if re.search(r"\\[pPzQE]|\[\[:", expression):
        return {}
    try:
        re.compile(expression)
    except re.error:
        return {}
    return {"pattern": expression}


def _groups(field: Definition, path: Sequence[str], top: Sequence[Definition]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for member, fact in _GROUPS.items():
        paths = [one for name in field.get(member, ()) for one in _paths_of(name, top)]
        if paths:
            found[fact] = paths
    if _has_write_only(field):
        own = ".".join(path)
        kind = "one_of" if field.get("required") or "one_of" in found else "conflicts"
        both = [own, own + _WRITE_ONLY] if kind == "one_of" else [own + _WRITE_ONLY]
        found[kind] = list(dict.fromkeys([*found.get(kind, ()), *both]))
    return found


def _has_write_only(field: Definition) -> bool:
    """Return whether the generator adds a write-only argument beside the field.

    It takes the place of the field in each of its groups; see ``buildWriteOnlyField`` in
    mmv1/api/resource.go.
    """
    return bool(field.get("write_only")) and not field["name"].endswith("Wo")


def _paths_of(name: str, top: Sequence[Definition]) -> list[str]:
    """Return the path of another field, as ``GetPropertySchemaPath`` in mmv1/api/type.go.

    None where the generator leaves the field out: a path through a list of several entries. Two
    for a field with a write-only argument beside it.
    """
    fields, steps = top, list[str]()
    field: Definition | None = None
    segments = name.split(".0.")
    for at, segment in enumerate(segments):
        field = _named(fields, _camel(segment)) or _named(fields, name)
        if field is None:
            return []
        if at + 1 < len(segments) and field["type"] == "Array" and field.get("max_size") != 1:
            return []
        fields = _nested(field)
        if not field.get("flatten_object"):
            steps.append(_underscored(segment))
    path = ".".join(steps)
    if field is None or not path:
        return []
    return [path, path + _WRITE_ONLY] if _has_write_only(field) else [path]


def _named(fields: Sequence[Definition], name: str) -> Definition | None:
    for field in fields:
        if field["name"] == name:
            return field
        if field.get("flatten_object") and (found := _named(field.get("properties", ()), name)):
            return found
    return None


def _number(text: str) -> float | int:
    return float(text) if "." in text else int(text)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def _underscored(name: str) -> str:
    """Return a name in the form of ``Underscore`` in mmv1/google/string_utils.go."""
    apart = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    apart = re.sub(r"([a-z\d])([A-Z])", r"\1_\2", apart)
    return apart.replace("-", "_").replace(".", "_").lower()


_NUMBER = r"(-?[\d.]+)"
# The functions of validation (terraform-plugin-sdk) and verify (the provider) that can be read.
_FUNCTIONS: Mapping[str, Callable[[re.Match[str]], dict[str, Any]]] = {
    rf"validation\.(Int|Float|StringLen)Between\({_NUMBER},\s*{_NUMBER}\)": _between,
    rf"validation\.(?:Int|Float)AtLeast\({_NUMBER}\)": lambda found: {
        "range": [_number(found[1]), None]
    },
    rf"validation\.(?:Int|Float)AtMost\({_NUMBER}\)": lambda found: {
        "range": [None, _number(found[1])]
    },
    r"validation\.StringInSlice\(\[\]string\{([^}]*)\},\s*false\)": lambda found: {
        "enum": re.findall(r'"([^"]*)"', found[1])
    },
    r"verify\.ValidateGCEName": lambda _: _pattern("^(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)$"),
    r"verify\.ValidateRegexp\(`([^`]+)`\)": lambda found: _pattern(found[1]),
    r"verify\.ValidateRFC1035Name\((\d+),\s*(\d+)\)": lambda found: {
        **_pattern("^[a-z]([-a-z0-9]*[a-z0-9])?$"),
        "length": [int(found[1]), int(found[2])],
    },
}
