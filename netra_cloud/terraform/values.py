"""Values of a Terraform configuration as far as they are known without a cloud."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Unknown:
    """An expression whose value is known only after an apply.

    Attributes:
        text: the expression, roughly as written.
        references: addresses it depends on, such as ``google_x.y`` or ``google_x.y["key"]``.
    """

    text: str
    references: frozenset[str] = frozenset()

    @property
    def is_reference(self) -> bool:
        """Whether the expression is one attribute of one resource, and not a computation on it."""
        return any(self.text.startswith((f"{ref}.", f"{ref}[")) for ref in self.references)

    def __str__(self) -> str:
        return self.text


Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"] | Unknown


class UnknownKey(str):
    """A key whose text is an expression: it names its element and has no value of its own."""

    __slots__ = ("unknown",)

    def __new__(cls, unknown: Unknown) -> Self:
        """Return the key with the text of the expression."""
        key = super().__new__(cls, unknown.text)
        key.unknown = unknown
        return key

    unknown: Unknown


def key_value(key: str) -> "Value":
    """Return what a key is as a value: its text, or the unknown behind it."""
    return key.unknown if isinstance(key, UnknownKey) else key


class SetValue(list["Value"]):
    """A set: sorted, without repeats; a loop over it has the element as key.

    Members that are not known come last and are kept.
    """

    def __init__(self, items: Iterable["Value"] = ()) -> None:
        members: list[Value] = []
        for item in items:
            if not any(same(item, member) for member in members):
                members.append(item)
        super().__init__(sorted(members, key=_set_order))


def same(left: "Value", right: "Value") -> bool:
    """Return whether two values are equal and of one type; ``1`` is not ``true``."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return left == right


def _set_order(item: "Value") -> tuple[int, float, str]:
    if isinstance(item, Unknown):
        return (3, 0.0, "")
    if isinstance(item, int | float):
        return (0, float(item), "")
    return (1, 0.0, item) if isinstance(item, str) else (2, 0.0, json.dumps(item, default=str))


def is_wholly_known(value: "Value") -> bool:
    """Return whether no part of ``value`` is unknown."""
    if isinstance(value, list):
        return all(is_wholly_known(item) for item in value)
    if isinstance(value, dict):
        return all(is_wholly_known(item) for item in value.values())
    return not isinstance(value, Unknown)


def references(value: Value) -> Iterator[str]:
    """Yield every address that ``value`` depends on."""
    if isinstance(value, Unknown):
        yield from value.references
    elif isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from references(item)


def merged_unknown(text: str, *values: Value) -> Unknown:
    """Return an unknown that depends on everything that ``values`` depend on."""
    return Unknown(text, frozenset(ref for value in values for ref in references(value)))


Step = str | int


@dataclass
class BlockValue:
    """What is between two braces, evaluated.

    Attributes:
        line: first line of the block, 0 when there is no source (values from the plugin protocol).
        path: steps from the resource to this block: block name, index, …
        attribute_lines: line of each argument.
        file: of the block; None when there is no source.
        attribute_files: the override file of each argument that comes from one.
        dormant: addresses in ``dynamic`` blocks that the values at hand leave out.
        open_blocks: names of blocks whose number is not known, where their content is not either.
        is_certain: False for the content of a ``dynamic`` block whose number is not known, which
            may be none.
    """

    attributes: dict[str, Value] = field(default_factory=dict)
    blocks: dict[str, list["BlockValue"]] = field(default_factory=dict)
    line: int = 0
    path: tuple[Step, ...] = ()
    attribute_lines: Mapping[str, int] = field(default_factory=dict)
    file: Path | None = None
    attribute_files: Mapping[str, Path] = field(default_factory=dict)
    dormant: frozenset[str] = frozenset()
    open_blocks: frozenset[str] = frozenset()
    is_certain: bool = True

    @property
    def has_content(self) -> bool:
        """Return whether the block has an argument or a block."""
        return bool(self.attributes or self.blocks)

    def get(self, name: str) -> Value:
        """Return the argument's value, None when it is not set."""
        return self.attributes.get(name)

    def text(self, name: str) -> str | None:
        """Return the argument when it is a known string, else None."""
        value = self.attributes.get(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> float | None:
        """Return the argument when it is a known number (or a string of one), else None."""
        value = self.attributes.get(name)
        if isinstance(value, str):
            try:
                return float(value)
            except ValueError:
                return None
        return float(value) if isinstance(value, int | float) else None

    def has(self, name: str) -> bool:
        """Return whether the argument is set to something or might be."""
        return self.attributes.get(name) is not None

    def known(self, name: str) -> Value:
        """Return the argument, None when it is not set or not known: nothing can be claimed."""
        value = self.attributes.get(name)
        return None if isinstance(value, Unknown) else value

    def all(self, *names: str) -> Sequence["BlockValue"]:
        """Return the nested blocks at ``names``, through all levels."""
        found: list[BlockValue] = [self]
        for name in names:
            found = [nested for block in found for nested in block.blocks.get(name, [])]
        return found

    def certain(self, *names: str) -> Sequence["BlockValue"]:
        """Return the nested blocks at ``names`` that are there for any value of the unknown."""
        found: list[BlockValue] = [self]
        for name in names:
            found = [b for block in found for b in block.blocks.get(name, []) if b.is_certain]
        return found

    def first(self, *names: str) -> "BlockValue | None":
        """Return the first nested block at ``names``, or None."""
        found = self.all(*names)
        return found[0] if found else None

    def walk(self) -> Iterator["BlockValue"]:
        """Yield this block and every block inside it."""
        yield self
        for nested in self.blocks.values():
            for block in nested:
                yield from block.walk()

    def line_of(self, name: str | None) -> int:
        """Return the line of the argument or of the nested block, else of this block."""
        if name is not None:
            if name in self.attribute_lines:
                return self.attribute_lines[name]
            nested = self.blocks.get(name)
            if nested:
                return nested[0].line
        return self.line

    def file_of(self, name: str | None) -> Path | None:
        """Return the file of what ``line_of`` returns."""
        if name is not None:
            if name in self.attribute_lines:
                return self.attribute_files.get(name, self.file)
            nested = self.blocks.get(name)
            if nested:
                return nested[0].file
        return self.file

    def references(self) -> frozenset[str]:
        """Return every address that this block or a nested one depends on."""
        own = {ref for value in self.attributes.values() for ref in references(value)}
        return frozenset(own.union(*(b.references() for bs in self.blocks.values() for b in bs)))
