"""Strings and heredocs: text, ``${…}`` interpolations and ``%{…}`` directives.

Grammar: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#templates
"""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from netra_cloud.terraform.syntax.nodes import (
    ForDirective,
    IfDirective,
    Literal,
    Node,
    Template,
    Text,
)
from netra_cloud.terraform.syntax.scanner import Scanner

Expression = Callable[[Scanner], Node]
_QUOTED = re.compile(r'(?:[^"\\$%\n]+|\$(?!\{|\$\{)|%(?!\{|%\{))+')
_RAW = re.compile(r"(?:[^$%]+|\$(?!\{|\$\{)|%(?!\{|%\{))+")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_CODE_POINTS = {"u": 4, "U": 8}
_KEYWORD = re.compile(r"[a-z]+")


@dataclass(slots=True)
class _Open:
    """A directive that waits for its end, and the parts read since."""

    keyword: str
    start: int
    condition: Node | None = None
    names: tuple[str, ...] = ()
    parts: list[Node] = field(default_factory=list)
    yes: list[Node] | None = None


class TemplateReader:
    """Reads one template; the scanner is left after its end.

    Args:
        scanner: at the first character of the template.
        expression: parses one expression.
        quoted: the template ends with a quote and has escapes; else it ends at the limit.
    """

    def __init__(self, scanner: Scanner, expression: Expression, *, quoted: bool) -> None:
        self._scanner, self._expression, self._quoted = scanner, expression, quoted
        self._start = scanner.position
        self._stack = [_Open("", scanner.position)]
        self._trim_next = False

    def read(self) -> Node:
        """Return the template; a ``Literal`` when it has no interpolation.

        Raises:
            HclError: it is not closed, or a directive has no end.
        """
        scanner = self._scanner
        plain = _QUOTED if self._quoted else _RAW
        while True:
            found = plain.match(scanner.text, scanner.position, scanner.limit)
            if found:
                self._add_text(found.group(), found.start())
                scanner.move(found.end())
            if scanner.position >= scanner.limit:
                if self._quoted:
                    scanner.fail("a string is not closed", self._start)
                break
            character = scanner.text[scanner.position]
            if character == '"' and self._quoted:
                break
            self._special(character)
        if len(self._stack) > 1:
            scanner.fail(f"%{{ {self._stack[-1].keyword} }} has no end", self._stack[-1].start)
        return self._finished(self._stack[0].parts)

    def _finished(self, parts: list[Node]) -> Node:
        source, end = self._scanner.source, self._scanner.position
        texts = [part.value for part in parts if isinstance(part, Text)]
        if len(texts) == len(parts):
            text = "".join(texts)
            return Literal(source, self._start, end, text)
        return Template(source, self._start, end, parts)

    def _special(self, character: str) -> None:
        scanner, position = self._scanner, self._scanner.position
        if character == "\\":
            self._escape(position)
        elif scanner.text.startswith(("$${", "%%{"), position):
            self._add_text(scanner.text[position + 1 : position + 3], position)
            scanner.move(position + 3)
        elif scanner.text.startswith("${", position):
            self._open_marker(position)
            node = self._expression(scanner)
            self._close_marker()
            self._stack[-1].parts.append(node)
        elif scanner.text.startswith("%{", position):
            self._open_marker(position)
            self._directive(position)
        elif character == "\n" and self._quoted:
            scanner.fail("a string ends at the end of its line; use a heredoc for several lines")
        else:
            self._add_text(character, position)
            scanner.move(position + 1)

    def _escape(self, position: int) -> None:
        scanner = self._scanner
        letter = scanner.text[position + 1 : position + 2]
        if letter in _CODE_POINTS:
            digits = scanner.text[position + 2 : position + 2 + _CODE_POINTS[letter]]
            if not re.fullmatch(r"[0-9a-fA-F]+", digits) or int(digits, 16) > sys.maxunicode:
                scanner.fail(f"\\{letter} needs {_CODE_POINTS[letter]} hexadecimal digits")
            self._add_text(chr(int(digits, 16)), position)
            scanner.move(position + 2 + len(digits))
            return
        if letter not in _ESCAPES or not letter:
            scanner.fail(f"\\{letter} is no escape; write \\\\ for a backslash")
        self._add_text(_ESCAPES[letter], position)
        scanner.move(position + 2)

    def _open_marker(self, position: int) -> None:
        """Step into ``${`` or ``%{``; ``~`` removes the space before it."""
        scanner = self._scanner
        scanner.move(position + 2)
        if scanner.text.startswith("~", scanner.position):
            scanner.move(scanner.position + 1)
            parts = self._stack[-1].parts
            if parts and isinstance(parts[-1], Text):
                parts[-1].value = parts[-1].value.rstrip()
        scanner.enter()

    def _close_marker(self) -> None:
        scanner = self._scanner
        token = scanner.peek()
        end = token[2]
        if scanner.text.startswith("~}", end):
            end += 1
            self._trim_next = True
        if not scanner.text.startswith("}", end):
            scanner.fail("an interpolation is not closed with }", end)
        scanner.leave()
        scanner.move(end + 1)

    def _add_text(self, text: str, position: int) -> None:
        if self._trim_next:
            self._trim_next = False
            text = text.lstrip()
        source = self._scanner.source
        self._stack[-1].parts.append(Text(source, position, position + len(text), text))

    def _directive(self, position: int) -> None:
        scanner = self._scanner
        kind, keyword, start, _ = scanner.peek()
        if kind != "name":
            scanner.fail("a directive %{ … } starts with if, else, endif, for or endfor", start)
        scanner.take()
        if keyword == "if":
            self._stack.append(_Open("if", position, self._expression(scanner)))
        elif keyword == "for":
            self._stack.append(self._for(position))
        elif keyword == "else" and self._stack[-1].keyword == "if":
            self._stack[-1].yes, self._stack[-1].parts = self._stack[-1].parts, []
        elif keyword in {"endif", "endfor"} and self._stack[-1].keyword == keyword[3:]:
            self._close(self._stack.pop())
        else:
            scanner.fail(f"%{{ {keyword} }} is not expected here", position)
        self._close_marker()

    def _for(self, position: int) -> _Open:
        scanner = self._scanner
        names = [scanner.take()[1]]
        if scanner.accept(","):
            names.append(scanner.take()[1])
        kind, word, start, _ = scanner.take()
        if (kind, word) != ("name", "in"):
            scanner.fail('expected "in"', start)
        return _Open("for", position, self._expression(scanner), tuple(names))

    def _close(self, opened: _Open) -> None:
        source, end = self._scanner.source, self._scanner.position
        condition = opened.condition
        if condition is None:
            return
        if opened.keyword == "for":
            body = Template(source, opened.start, end, opened.parts)
            self._stack[-1].parts.append(
                ForDirective(source, opened.start, end, opened.names, condition, body)
            )
            return
        yes, no = (opened.parts, []) if opened.yes is None else (opened.yes, opened.parts)
        self._stack[-1].parts.append(
            IfDirective(
                source,
                opened.start,
                end,
                condition,
                Template(source, opened.start, end, yes),
                Template(source, opened.start, end, no),
            )
        )


def without_indent(node: Node) -> None:
    """Remove the indentation common to all lines of a ``<<-`` heredoc, in place."""
    starts: list[tuple[Literal, bool]] = []
    _split(node, starts, at_line_start=True)
    smallest: int | None = None
    for literal, first in starts:
        for number, line in enumerate(literal.value.splitlines(keepends=True)):
            if (number == 0 and not first) or (not line.strip() and line.endswith("\n")):
                continue
            indent = len(line) - len(line.lstrip())
            smallest = indent if smallest is None else min(smallest, indent)
    for literal, first in starts:
        lines = literal.value.splitlines(keepends=True)
        literal.value = "".join(
            line
            if (number == 0 and not first) or (not line.strip() and line.endswith("\n"))
            else line[smallest or 0 :]
            for number, line in enumerate(lines)
        )


def _split(node: Node, starts: list[tuple[Literal, bool]], *, at_line_start: bool) -> bool:
    """Collect the texts of a template and whether each starts a line; return the state after."""
    if isinstance(node, Literal):
        starts.append((node, at_line_start))
        return bool(node.value.endswith("\n")) if node.value else at_line_start
    if isinstance(node, Template):
        for part in node.parts:
            if isinstance(part, Text | IfDirective | ForDirective):
                at_line_start = _split(part, starts, at_line_start=at_line_start)
            else:
                at_line_start = False
        return at_line_start
    if isinstance(node, IfDirective):
        after = _split(node.yes, starts, at_line_start=False)
        return _split(node.no, starts, at_line_start=after)
    if isinstance(node, ForDirective):
        return _split(node.body, starts, at_line_start=False)
    return False
