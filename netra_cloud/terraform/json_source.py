"""Terraform's JSON syntax (``*.tf.json``) as the same bodies as HCL's native syntax.

Source: https://developer.hashicorp.com/terraform/language/syntax/json
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from pathlib import Path
from typing import Any, NoReturn

from netra_cloud.terraform.hcl_source import Argument, Body, SourceBlock, SyntaxProblem, read_source
from netra_cloud.terraform.schema import Block, resource_schema
from netra_cloud.terraform.syntax.expressions import parse_expression
from netra_cloud.terraform.syntax.nodes import Literal, Node, Object, Source, Tuple
from netra_cloud.terraform.syntax.scanner import MAX_NESTING, HclError, Scanner
from netra_cloud.terraform.syntax.templates import TemplateReader

_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_DECODER = JSONDecoder()
_CONSTANTS = {"true": True, "false": False, "null": None}
# How many labels a block has; the others of the language have none.
_LABELS = {"resource": 2, "data": 2, "ephemeral": 2, "variable": 1, "output": 1, "module": 1,
           "provider": 1, "check": 1}  # fmt: skip
_BLOCKS = frozenset({"locals", "terraform", "moved", "import", "removed", *_LABELS})
_META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection", "dynamic", "content",
                          "required_providers", "backend", "cloud"})  # fmt: skip


@dataclass(frozen=True)
class _Item:
    """A JSON value and the offset where it starts."""

    value: Any
    start: int


class _Reader:
    """Reads JSON and keeps the place of each value."""

    def __init__(self, source: Source) -> None:
        self._text, self._source, self._position = source.text, source, 0

    def document(self) -> _Item:
        """Return the whole text as one value."""
        item = self._value(0)
        self._skip()
        if self._position != len(self._text):
            self._fail("text after the end of the JSON value")
        return item

    def _value(self, depth: int) -> _Item:
        if depth > MAX_NESTING:
            self._fail(f"values are nested more than {MAX_NESTING} levels")
        self._skip()
        start = self._position
        character = self._text[start : start + 1]
        if character == "{":
            return _Item(dict(self._members(depth)), start)
        if character == "[":
            return _Item([*self._items(depth)], start)
        if character == '"':
            return _Item(self._string(), start)
        found = _SCALAR.match(self._text, start)
        if found is None:
            self._fail("expected a JSON value")
        self._position = found.end()
        text = found.group()
        if text in _CONSTANTS:
            return _Item(_CONSTANTS[text], start)
        return _Item(float(text) if any(mark in text for mark in ".eE") else int(text), start)

    def _members(self, depth: int) -> Iterator[tuple[_Item, _Item]]:
        for _ in self._separated("}"):
            start = self._position
            if self._text[start : start + 1] != '"':
                self._fail("expected a string as key")
            key = _Item(self._string(), start)
            self._skip()
            self._expect(":")
            yield key, self._value(depth + 1)

    def _items(self, depth: int) -> Iterator[_Item]:
        for _ in self._separated("]"):
            yield self._value(depth + 1)

    def _separated(self, closing: str) -> Iterator[None]:
        self._position += 1
        self._skip()
        while not self._text.startswith(closing, self._position):
            yield
            self._skip()
            if not self._text.startswith(",", self._position):
                break
            self._position += 1
            self._skip()
        self._expect(closing)

    def _string(self) -> str:
        try:
            text, self._position = _DECODER.raw_decode(self._text, self._position)
        except JSONDecodeError as error:
            self._fail(error.msg)
        return str(text)

    def _expect(self, character: str) -> None:
        if not self._text.startswith(character, self._position):
            self._fail(f'expected "{character}"')
        self._position += 1

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._position)
        self._position = found.end() if found else self._position

    def _fail(self, detail: str) -> NoReturn:
        raise HclError(self._source.line(self._position), detail)


def parse_json_file(file: Path) -> Body:
    """Return the top-level body of a ``*.tf.json`` file.

    Raises:
        SyntaxProblem: the file is no JSON, or a template in it is no HCL.
    """
    source = Source(read_source(file), file)
    try:
        return _Builder(source).root(_Reader(source).document())
    except HclError as error:
        raise SyntaxProblem(file, error.line, error.detail) from error


def read_json_values(file: Path) -> dict[str, Node]:
    """Return the values of a ``*.tfvars.json`` file as expressions; strings are no templates.

    Raises:
        SyntaxProblem: the file is no JSON object.
    """
    source = Source(read_source(file), file)
    try:
        item = _Reader(source).document()
    except HclError as error:
        raise SyntaxProblem(file, error.line, error.detail) from error
    if not isinstance(item.value, dict):
        raise SyntaxProblem(file, 1, "a file of variables in JSON is an object")
    builder = _Builder(source, templates=False)
    return {key.value: builder.expression(value) for key, value in item.value.items()}


class _Builder:
    """Turns JSON values into bodies and expressions."""

    def __init__(self, source: Source, *, templates: bool = True) -> None:
        self._source, self._templates = source, templates

    def root(self, document: _Item) -> Body:
        """Return the body of the file."""
        if not isinstance(document.value, dict):
            raise HclError(1, "a Terraform file in JSON is an object")
        body = Body()
        for key, item in document.value.items():
            if key.value in _BLOCKS:
                for labels, inside in self._labelled(item, _LABELS.get(key.value, 0)):
                    schema = resource_schema(labels[0]) if key.value == "resource" else None
                    is_block = _blocks_of(schema)
                    inner = self._body(inside, schema, is_block)
                    body.blocks.append(self._block(key.value, labels, inner, inside))
        return body

    def _block(self, kind: str, labels: tuple[str, ...], body: Body, item: _Item) -> SourceBlock:
        line = self._source.line(item.start)
        return SourceBlock(kind, labels, body, line, self._source.file)

    def _labelled(self, item: _Item, depth: int) -> Iterator[tuple[tuple[str, ...], _Item]]:
        for each in item.value if isinstance(item.value, list) else [item]:
            if not isinstance(each.value, dict):
                raise HclError(self._source.line(each.start), "expected an object")
            if depth == 0:
                yield (), each
                continue
            for key, inside in each.value.items():
                for labels, block in self._labelled(inside, depth - 1):
                    yield (key.value, *labels), block

    def _body(self, item: _Item, schema: Block | None, is_block: Callable[[str], bool]) -> Body:
        body = Body()
        for key, value in item.value.items():
            name = key.value
            if name == "//":
                continue  # the place for comments
            if name == "dynamic":
                self._dynamic(body, value, schema)
            elif is_block(name) and isinstance(value.value, dict | list):
                inner = schema.block_types[name].block if schema and _has(schema, name) else None
                for each in value.value if isinstance(value.value, list) else [value]:
                    if isinstance(each.value, dict):
                        inside = self._body(each, inner, _blocks_of(inner))
                        body.blocks.append(self._block(name, (), inside, key))
            else:
                line = self._source.line(key.start)
                body.arguments[name] = Argument(self.expression(value), line)
        return body

    def _dynamic(self, body: Body, value: _Item, schema: Block | None) -> None:
        for labels, each in self._labelled(value, 1):
            inner = (
                schema.block_types[labels[0]].block if schema and _has(schema, labels[0]) else None
            )
            inside = Body()
            for key, item in each.value.items():
                if key.value == "content" and isinstance(item.value, dict):
                    content = self._body(item, inner, _blocks_of(inner))
                    inside.blocks.append(self._block("content", (), content, item))
                else:
                    line = self._source.line(key.start)
                    inside.arguments[key.value] = Argument(self.expression(item), line)
            body.blocks.append(self._block("dynamic", labels, inside, each))

    def expression(self, item: _Item) -> Node:
        """Return a JSON value as an expression."""
        value, start = item.value, item.start
        end = start + 1
        if isinstance(value, dict):
            pairs = [(self.expression(k), self.expression(v)) for k, v in value.items()]
            return Object(self._source, start, end, pairs)
        if isinstance(value, list):
            return Tuple(self._source, start, end, [self.expression(each) for each in value])
        if isinstance(value, str) and self._templates and ("${" in value or "%{" in value):
            inner = Source(value, self._source.file)
            try:
                return TemplateReader(Scanner(inner), parse_expression, quoted=False).read()
            except HclError as error:
                raise HclError(self._source.line(start), error.detail) from error
        return Literal(self._source, start, end, value)


def _has(schema: Block | Mapping[str, Any] | None, name: str) -> bool:
    return isinstance(schema, Block) and name in schema.block_types


def _blocks_of(schema: Block | None) -> Callable[[str], bool]:
    return lambda name: name in _META_BLOCKS or _has(schema, name)
