"""The expressions of HCL as a tree.

Grammar: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Source:
    """A text and the file that locations name."""

    text: str
    file: Path

    def line(self, offset: int) -> int:
        """Return the line of an offset, counted from 1."""
        return self.text.count("\n", 0, offset) + 1


@dataclass(slots=True, eq=False)
class Node:
    """An expression and its place in the source.

    Attributes:
        start: offset of its first character.
        end: offset after its last character.
    """

    source: Source
    start: int
    end: int


@dataclass(slots=True, eq=False)
class Literal(Node):
    """A number, a boolean, null, or a string without interpolation."""

    value: Any


@dataclass(slots=True, eq=False)
class Text(Literal):
    """The text between the interpolations of a template."""


@dataclass(slots=True, eq=False)
class Name(Node):
    """A name that a scope gives a meaning: ``var``, ``each``, a resource type."""

    name: str


@dataclass(slots=True, eq=False)
class Attribute(Node):
    """``owner.name``."""

    owner: Node
    name: str


@dataclass(slots=True, eq=False)
class Index(Node):
    """``owner[key]`` or ``owner.0``."""

    owner: Node
    key: Node


@dataclass(slots=True, eq=False)
class Splat(Node):
    """``owner[*]`` or ``owner.*``, followed by steps that apply to each element.

    Attributes:
        each: the steps, on a ``Name`` of ``SPLAT_ITEM``.
    """

    owner: Node
    each: Node


SPLAT_ITEM = "*"


@dataclass(slots=True, eq=False)
class Call(Node):
    """``name(arguments)``; ``expands`` when the last argument has ``...``."""

    name: str
    arguments: list[Node]
    expands: bool


@dataclass(slots=True, eq=False)
class Tuple(Node):
    """``[a, b]``."""

    items: list[Node]


@dataclass(slots=True, eq=False)
class Object(Node):
    """``{ key = value }``; a bare name as key is a ``Literal``."""

    items: list[tuple[Node, Node]]


@dataclass(slots=True, eq=False)
class For(Node):
    """``[for …]`` or ``{for …}``.

    Attributes:
        names: one or two iteration names.
        key: None in a list.
        groups: the value is followed by ``...``.
    """

    names: tuple[str, ...]
    collection: Node
    key: Node | None
    value: Node
    condition: Node | None
    groups: bool


@dataclass(slots=True, eq=False)
class Unary(Node):
    """``!operand`` or ``-operand``."""

    operator: str
    operand: Node


@dataclass(slots=True, eq=False)
class Binary(Node):
    """``left operator right``."""

    operator: str
    left: Node
    right: Node


@dataclass(slots=True, eq=False)
class Conditional(Node):
    """``condition ? yes : no``."""

    condition: Node
    yes: Node
    no: Node


@dataclass(slots=True, eq=False)
class Template(Node):
    """A string or heredoc with interpolations.

    Attributes:
        parts: text, expressions, and directives.
    """

    parts: list[Node]


@dataclass(slots=True, eq=False)
class IfDirective(Node):
    """``%{ if condition }…%{ else }…%{ endif }``."""

    condition: Node
    yes: Template
    no: Template


@dataclass(slots=True, eq=False)
class ForDirective(Node):
    """``%{ for names in collection }…%{ endfor }``."""

    names: tuple[str, ...]
    collection: Node
    body: Template


def source_text(node: Node) -> str:
    """Return an expression as written, on one line."""
    return " ".join(node.source.text[node.start : node.end].split())
