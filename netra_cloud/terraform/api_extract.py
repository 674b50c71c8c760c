"""Reads constraints of Google's APIs out of their field descriptions. Pure: source in, values out.

Google's client packages on PyPI are generated from the APIs' protos and keep every description as
a docstring. Sentences with a fixed form say what a field may hold: a range, a length, a name
pattern, one of an enum's values, or that only one of some fields may be set. A sentence of another
form yields nothing.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_ATTRIBUTE = re.compile(r"^    (\w+) \((.*)\):$")
_TYPE = re.compile(r"\.types\.(\w+)(?:\.(\w+))?")
_ENUM = re.compile(r"Check the (\w+) enum")
_SENTENCE = re.compile(r"(?<=[.:]) (?=[A-Za-z])")
_NUMBER = r"(-?[\d,]+(?:\.\d+)?)"
_RANGES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"[Mm]ust be (?:set to a number )?from {_NUMBER} to {_NUMBER}(?![\d,]* characters)",
        rf"(?:must be in|valid range is)(?: the range)? ?\[{_NUMBER}, {_NUMBER}\]",
        rf"in the range {_NUMBER} to {_NUMBER}",
        rf"goes from {_NUMBER} through {_NUMBER}",
        rf"minimum allowed value is {_NUMBER} seconds and the maximum allowed value is {_NUMBER}",
    )
)
_MOST = re.compile(rf"maximum allowed value is (?:[a-z ]*\()?{_NUMBER}")
_POSITIVE = re.compile(r"must be > 0")
_BETWEEN = re.compile(rf"{_NUMBER} < \w+ < {_NUMBER}")  # of whole numbers
_LEAST_AND_MOST = re.compile(rf"Minimum value is {_NUMBER}\..*?Maximum value is {_NUMBER}\.")
# A probe has a least value, and a greatest one for each kind of probe: the largest holds for all.
_LEAST = re.compile(rf"Minimum value is {_NUMBER}\.")
_MOST_FOR = re.compile(rf"Maximum value for [\w ]+ is {_NUMBER}\.")
_LENGTHS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"must be (?:from|between) {_NUMBER} (?:to|and) {_NUMBER} characters",
        rf"must be {_NUMBER}-{_NUMBER} characters long",
    )
)
_LONGEST = re.compile(rf"maximum length (?:of|is) {_NUMBER} characters")
_PATTERN = re.compile(r"match the regular expression ``([^`]+)``")
_COUNT = re.compile(rf"(?:a maximum of|limited to|at the most) {_NUMBER} (?:tests|entries)")
_EXCLUSIVE = tuple(
    re.compile(pattern)
    for pattern in (
        r"[Oo]nly one of ?(.*?) (?:must|may|can) be",
        r"(\w+) cannot be supplied together with ?(\w+)",
        r"The (.*?) fields are mutually exclusive",
    )
)

Facts = dict[str, dict[str, dict[str, Any]]]


def extract(source: str, roots: Sequence[str], prefix: str = "") -> Facts:
    """Return the facts of every message that a root reaches, by message and field.

    A field has ``message`` (of its value) and any of ``range``, ``length``, ``pattern``, ``count``,
    ``enum`` and ``exclusive``; fields without any are left out.

    Args:
        source: of the classes of an API's messages.
        roots: names of messages.
        prefix: of the names in the result, where another API has a message of the same name.
    """
    classes = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}
    found: Facts = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if prefix + name in found or name not in classes:
            continue
        fields = _fields(classes[name])
        found[prefix + name] = {}
        for field, (kind, text) in fields.items():
            facts = _facts(text, fields, _enums(classes[name]))
            if described := _TYPE.search(kind):
                outer, inner = described.groups()
                if values := _values(classes, outer, inner):
                    facts["enum"] = sorted(values)
                elif inner is None:
                    facts["message"] = prefix + outer
                    waiting.append(outer)
            if facts:
                found[prefix + name][field] = facts
    return {name: dict(sorted(found[name].items())) for name in sorted(found)}


def _values(classes: Mapping[str, ast.ClassDef], outer: str, inner: str | None) -> list[str]:
    """Return the values of an enum, of its own or inside a message."""
    if outer not in classes:
        return []
    if inner is not None:
        return _enums(classes[outer]).get(inner, [])
    is_enum = any(getattr(base, "attr", "") == "Enum" for base in classes[outer].bases)
    return _constants(classes[outer]) if is_enum else []


def _fields(node: ast.ClassDef) -> dict[str, tuple[str, str]]:
    """Return type and description of each field."""
    described = (ast.get_docstring(node) or "").partition("Attributes:\n")[2]
    lines: dict[str, tuple[str, list[str]]] = {}
    current: list[str] = []
    for line in described.splitlines():
        if start := _ATTRIBUTE.match(line):
            current = []
            lines[start[1]] = (start[2], current)
        else:
            current.append(line.strip())
    return {name: (kind, " ".join(" ".join(text).split())) for name, (kind, text) in lines.items()}


def _enums(node: ast.ClassDef) -> dict[str, list[str]]:
    return {inner.name: _constants(inner) for inner in node.body if isinstance(inner, ast.ClassDef)}


def _constants(node: ast.ClassDef) -> list[str]:
    names = [
        target.id
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    ]
    return [name for name in names if not name.startswith("UNDEFINED_")]


def _facts(
    text: str, fields: Mapping[str, object], enums: Mapping[str, list[str]]
) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for sentence in _SENTENCE.split(text):
        for name, value in _of_sentence(sentence, fields):
            facts.setdefault(name, value)
    if found := _LEAST_AND_MOST.search(text):
        facts.setdefault("range", [_number(found[1]), _number(found[2])])
    elif found := _LEAST.search(text):
        most = [_number(one) for one in _MOST_FOR.findall(text)]
        facts.setdefault("range", [_number(found[1]), max(most, default=None)])
    if (named := _ENUM.search(text)) and named[1] in enums:
        facts["enum"] = sorted(enums[named[1]])
    return facts


def _of_sentence(sentence: str, fields: Mapping[str, object]) -> Iterator[tuple[str, Any]]:
    yield from _bounds(sentence)
    if found := _PATTERN.search(sentence):
        yield "pattern", found[1]
    if found := _COUNT.search(sentence):
        yield "count", int(found[1])
    for pattern in _EXCLUSIVE:
        # A dotted name is a field of another message: rules/schemes.py has these.
        if (found := pattern.search(sentence)) and "." not in "".join(found.groups()):
            yield "exclusive", _named_in(" ".join(found.groups()), fields)


def _bounds(sentence: str) -> Iterator[tuple[str, Any]]:
    for pattern in _LENGTHS:
        if found := pattern.search(sentence):
            yield "length", [int(found[1]), int(found[2])]
    if found := _LONGEST.search(sentence):
        yield "length", [0, int(found[1])]
    for pattern in _RANGES:
        if found := pattern.search(sentence):
            yield "range", [_number(found[1]), _number(found[2])]
    if found := _MOST.search(sentence):
        yield "range", [0, _number(found[1])]
    if found := _BETWEEN.search(sentence):
        yield "range", [_number(found[1]) + 1, _number(found[2]) - 1]
    if _POSITIVE.search(sentence):
        yield "range", [1, None]


def _named_in(text: str, fields: Mapping[str, object]) -> list[str]:
    """Return the fields that a list names, also glued ones such as ``exactMatch,orregexMatch``."""
    plain = text.replace("_", "").lower()
    return sorted(field for field in fields if field.replace("_", "") in plain)


def _number(text: str) -> int | float:
    plain = text.replace(",", "")
    return float(plain) if "." in plain else int(plain)
