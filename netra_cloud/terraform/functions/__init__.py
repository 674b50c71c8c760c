"""Terraform's functions; one that is not here has an unknown result."""

from pathlib import Path
from typing import Any

from netra_cloud.terraform.conversion import NotKnown, to_string
from netra_cloud.terraform.functions.collections import COLLECTIONS
from netra_cloud.terraform.functions.encoding import ENCODING, FILES
from netra_cloud.terraform.functions.google import GOOGLE
from netra_cloud.terraform.functions.numbers import NUMBERS
from netra_cloud.terraform.functions.strings import STRINGS
from netra_cloud.terraform.syntax.expressions import parse_expression
from netra_cloud.terraform.syntax.nodes import Node, Source
from netra_cloud.terraform.syntax.scanner import Scanner
from netra_cloud.terraform.syntax.templates import TemplateReader
from netra_cloud.terraform.values import Unknown, is_wholly_known

_KNOWN_ARGUMENTS = {**STRINGS, **ENCODING, **NUMBERS, **GOOGLE}
NAMES = frozenset({*_KNOWN_ARGUMENTS, *COLLECTIONS, *FILES, "try", "can", "templatefile"})


def call_function(name: str, values: list[Any], directory: Path) -> Any:
    """Return the result of a function; ``Unknown`` when it cannot be known.

    Args:
        name: of the function, without ``core::``.
        values: its arguments.
        directory: base of relative file names.

    Raises:
        Failed: Terraform would refuse the arguments.
    """
    try:
        return _called(name, values, directory)
    except NotKnown:
        return Unknown(name)


def _called(name: str, values: list[Any], directory: Path) -> Any:
    short = name.removeprefix("core::")
    if short in COLLECTIONS:
        unknown = [isinstance(value, Unknown) for value in values]
        if any(unknown[: _FIRST_KNOWN.get(short, len(values))]):
            return Unknown(name)
        return COLLECTIONS[short](*values)
    if not all(is_wholly_known(value) for value in values):
        return Unknown(name)
    if short == "netra::template":
        return _template(directory / to_string(values[0]))
    if short in FILES:
        return FILES[short](directory, *values)
    function = _KNOWN_ARGUMENTS.get(short)
    return Unknown(name) if function is None else function(*values)


# How many of the first arguments must be known; the others are passed on as they are.
_FIRST_KNOWN = {
    "coalesce": 0,
    "contains": 1,
    "lookup": 2,
    "nonsensitive": 0,
    "sensitive": 0,
}


def _template(file: Path) -> Node:
    """Return a template file as an expression."""
    source = Source(file.read_text(encoding="utf-8"), file)
    return TemplateReader(Scanner(source), parse_expression, quoted=False).read()
